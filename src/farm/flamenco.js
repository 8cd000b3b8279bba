// A job type for Flamenco 3: put it into the folder `scripts` beside the manager. The manager's variable {aquatint} is the
// path of the program; workers need the task type "aquatint" in their configuration.
"use strict";

const JOB_TYPE = {
    label: "aquatint",
    description: "Render a film that was planned by `aquatint plan`, and join it",
    settings: [
        { key: "job_dir", type: "string", subtype: "dir_path", required: true,
          description: "The folder that `aquatint plan` made" },
        { key: "tasks", type: "string", required: true,
          description: "Numbers of tasks, as `aquatint submit` names them: 0-41" },
        { key: "tasks_each", type: "int32", default: 1, propargs: { min: 1 },
          description: "Tasks that a worker takes at once" },
    ],
};

function compileJob(job) {
    const settings = job.settings;
    const stitch = author.Task("stitch", "aquatint");
    stitch.addCommand(author.Command("exec", { exe: "{aquatint}", args: ["stitch", settings.job_dir] }));
    for (let tasks of frameChunker(settings.tasks, settings.tasks_each)) {
        const render = author.Task("render-" + tasks, "aquatint");
        render.addCommand(author.Command("exec", { exe: "{aquatint}", args: ["chunk", settings.job_dir, tasks] }));
        stitch.addDependency(render);
        // It is copied as it is now.
        job.addTask(render);
    }
    job.addTask(stitch);
}
