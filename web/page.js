// The page of a style: what is shown (a scene, a picture, a video, the camera), the controls, and the pictures that are kept.

"use strict";

(() => {
  const { RuntimeError, openDevice, create, nearestPlan, cover, extentOf } = globalThis.AquatintRuntime;
  const description = globalThis.AQUATINT_STYLE;
  const element = (id) => document.getElementById(id);
  const spoken = (name) => name.replaceAll("_", " ");

  /** Tells of something that happened; of mistakes, too, that leave the page as it was. */
  const say = (text) => { element("said").textContent = text; };

  /** Shows a failure after which nothing can be shown. */
  function fail(error) {
    const known = error instanceof RuntimeError;
    element("problem-what").textContent = known ? error.message : `This page failed: ${error.message ?? error}`;
    element("problem-advice").textContent = known ? error.advice : "Load it again; if that does not help, try another browser.";
    element("problem").hidden = false;
    element("work").hidden = true;
    player.stop();
  }

  // ---- What is shown -------------------------------------------------------------------------------------------------

  /** A drawn landscape that moves: hills at several distances, a lake, a balloon. */
  class Scene {
    constructor(width, height) {
      this.canvas = Object.assign(document.createElement("canvas"), { width, height });
      this.context = this.canvas.getContext("2d", { alpha: false });
      this.moves = true;
      this.name = "moving scene";
    }

    get picture() {
      return this.canvas;
    }

    get extent() {
      return { width: this.canvas.width, height: this.canvas.height };
    }

    draw(seconds) {
      const { context: c, canvas: { width: w, height: h } } = this;
      const unit = Math.min(w, h) / 100;
      const shore = h * 0.72;
      const fill = (colors, from, to) => {
        const gradient = c.createLinearGradient(0, from, 0, to);
        colors.forEach((color, at) => gradient.addColorStop(at / (colors.length - 1), color));
        c.fillStyle = gradient;
      };
      fill(["#28456f", "#7f8fae", "#f0b98a", "#f7dfb0"], 0, shore);
      c.fillRect(0, 0, w, shore);
      this.#sun(w * 0.68, shore - 30 * unit, 9 * unit);
      this.#clouds(seconds, w, shore, unit);
      const ranges = [
        { color: ["#8d8fa8", "#a9a0a6"], height: 26, pace: 0.6, seed: 1 },
        { color: ["#5d6f86", "#7d8790"], height: 19, pace: 1.4, seed: 5 },
        { color: ["#35584f", "#5a7763"], height: 11, pace: 3, seed: 9, trees: true },
      ];
      for (const { color, height, pace, seed, trees } of ranges) {
        fill(color, shore - height * unit, shore);
        c.beginPath();
        c.moveTo(0, shore);
        const hill = (along) => {
          const at = along / 14 + seed * 7;
          return height * (0.55 + 0.25 * Math.sin(at) + 0.14 * Math.sin(2.3 * at + seed) + 0.06 * Math.sin(6.1 * at));
        };
        for (let x = 0; x <= w + 4; x += 4) c.lineTo(x, shore - hill(x / unit + seconds * pace) * unit);
        c.lineTo(w, shore);
        c.fill();
        if (trees) this.#trees(seconds * pace, w, shore, unit, hill);
      }
      this.#lake(seconds, w, h, shore, unit);
      this.#balloon(w * (0.3 + 0.08 * Math.sin(seconds * 0.31)), h * (0.3 + 0.03 * Math.sin(seconds * 0.7)), 8.5 * unit);
      this.#reeds(seconds, w, h, unit);
    }

    #sun(x, y, radius) {
      const c = this.context;
      const glow = c.createRadialGradient(x, y, radius * 0.3, x, y, radius * 3.2);
      glow.addColorStop(0, "#fff6dcff");
      glow.addColorStop(0.28, "#ffe9b8cc");
      glow.addColorStop(1, "#ffd89a00");
      c.fillStyle = glow;
      c.fillRect(x - radius * 4, y - radius * 4, radius * 8, radius * 8);
      c.fillStyle = "#fff8e6";
      c.beginPath();
      c.arc(x, y, radius, 0, 7);
      c.fill();
    }

    #clouds(seconds, w, shore, unit) {
      const c = this.context;
      for (let cloud = 0; cloud < 4; cloud++) {
        const span = w + 60 * unit;
        const x = ((cloud * 0.31 * span + seconds * (0.8 + 0.3 * cloud) * unit) % span) - 30 * unit;
        const y = shore * (0.14 + 0.12 * ((cloud * 37) % 4) / 2);
        c.fillStyle = cloud % 2 ? "#fbe4cf" : "#eddbdc";
        c.beginPath();
        for (const [dx, dy, r] of [[-9, 1, 4], [-4, -1, 5.5], [2, -2, 6], [8, 0.5, 4.5]]) {
          c.moveTo(x + dx * unit, y + dy * unit);
          c.ellipse(x + dx * unit, y + dy * unit, r * unit * 1.3, r * unit * 0.55, 0, 0, 7);
        }
        c.fill();
      }
    }

    /** Firs on a range of hills, from its ridge down to the shore. */
    #trees(moved, w, shore, unit, hill) {
      const c = this.context;
      const first = Math.floor(moved / 1.3) - 4;
      for (let tree = first; tree < first + w / unit / 1.3 + 8; tree++) {
        // A hash, so that each tree stays as it is while it moves.
        const chance = Math.abs(Math.sin(tree * 12.9898) * 43758.5453) % 1;
        const along = tree * 1.3 + chance;
        const [x, foot] = [(along - moved) * unit, shore - hill(along) * (0.25 + 0.75 * ((chance * 7) % 1)) * unit];
        const tall = (2.6 + 2.8 * ((chance * 13) % 1)) * unit;
        c.fillStyle = ["#24443a", "#2d5242", "#3b6147", "#1d3a33"][Math.floor(chance * 4)];
        for (let tier = 0; tier < 3; tier++) {
          const [top, wide] = [foot - tall * (1 - tier * 0.24), tall * (0.13 + 0.07 * tier)];
          c.beginPath();
          c.moveTo(x, top);
          c.lineTo(x + wide, top + tall * 0.42);
          c.lineTo(x - wide, top + tall * 0.42);
          c.fill();
        }
      }
    }

    #lake(seconds, w, h, shore, unit) {
      const c = this.context;
      c.save();
      c.translate(0, 2 * shore);
      c.scale(1, -1);
      c.drawImage(this.canvas, 0, 2 * shore - h, w, h - shore, 0, 2 * shore - h, w, h - shore);
      c.restore();
      c.fillStyle = "#1f3f5a73";
      c.fillRect(0, shore, w, h - shore);
      for (let row = 0; row < 26; row++) {
        const y = shore + (h - shore) * (row / 26) ** 1.6;
        const drift = Math.sin(seconds * 1.3 + row * 1.9);
        c.fillStyle = row % 3 ? "#f6dcb52e" : "#16324a3d";
        const wide = (6 + 11 * ((row * 29) % 7) / 7) * unit * (0.6 + row / 20);
        for (let x = -wide; x < w; x += wide * 2.3) {
          c.fillRect(x + (drift + (row % 5)) * 3 * unit, y, wide, Math.max(unit * 0.28 * (0.6 + row / 16), 1));
        }
      }
    }

    #balloon(x, y, radius) {
      const c = this.context;
      const colors = ["#b3312e", "#e9a13b", "#f3e6c8", "#2f6f8f", "#b3312e", "#e9a13b"];
      c.save();
      c.beginPath();
      c.arc(x, y, radius, Math.PI * 0.82, Math.PI * 2.18);
      c.quadraticCurveTo(x + radius * 0.45, y + radius * 1.05, x + radius * 0.2, y + radius * 1.45);
      c.lineTo(x - radius * 0.2, y + radius * 1.45);
      c.quadraticCurveTo(x - radius * 0.45, y + radius * 1.05, x - radius * 0.84, y + radius * 0.54);
      c.clip();
      colors.forEach((color, at) => {
        const edge = (turn) => x - radius * Math.cos((Math.PI * turn) / colors.length);
        c.fillStyle = color;
        c.fillRect(edge(at), y - radius, edge(at + 1) - edge(at) + 1, radius * 2.6);
      });
      const shade = c.createRadialGradient(x - radius * 0.3, y - radius * 0.4, radius * 0.2, x, y, radius * 1.4);
      shade.addColorStop(0, "#fff4");
      shade.addColorStop(1, "#0006");
      c.fillStyle = shade;
      c.fillRect(x - radius, y - radius, radius * 2, radius * 2.6);
      c.restore();
      c.strokeStyle = "#3a2a20";
      c.lineWidth = Math.max(radius * 0.03, 1);
      c.beginPath();
      for (const side of [-1, 1]) {
        c.moveTo(x + side * radius * 0.19, y + radius * 1.45);
        c.lineTo(x + side * radius * 0.15, y + radius * 1.75);
      }
      c.stroke();
      c.fillStyle = "#6b4a2f";
      c.fillRect(x - radius * 0.17, y + radius * 1.75, radius * 0.34, radius * 0.24);
    }

    #reeds(seconds, w, h, unit) {
      const c = this.context;
      c.strokeStyle = "#1d2b22";
      c.lineCap = "round";
      for (let reed = 0; reed < 22; reed++) {
        const right = reed % 2;
        const x = (right ? w - 2 * unit : 2 * unit) + (right ? -1 : 1) * ((reed * 13) % 22) * unit;
        const tall = (9 + ((reed * 7) % 11)) * unit;
        const lean = (Math.sin(seconds * 1.1 + reed) * 1.6 + 1.5) * unit;
        c.lineWidth = (0.35 + (reed % 3) * 0.15) * unit;
        c.beginPath();
        c.moveTo(x, h + unit);
        c.quadraticCurveTo(x, h - tall * 0.6, x + lean, h - tall);
        c.stroke();
      }
    }
  }

  /** A picture that does not move. */
  class Still {
    constructor(bitmap, name) {
      this.picture = bitmap;
      this.moves = false;
      this.name = name;
    }

    get extent() {
      return extentOf(this.picture);
    }

    draw() {}

    close() {
      this.picture.close();
    }
  }

  /** A video, or a camera. */
  class Film {
    /**
     * @param {HTMLVideoElement} video
     * @param {string} name
     * @param {() => void} close Frees what it is played from.
     */
    constructor(video, name, close) {
      this.picture = video;
      this.moves = true;
      this.name = name;
      this.close = close;
      this.isCamera = video.srcObject !== null;
    }

    get extent() {
      return extentOf(this.picture);
    }

    draw() {}
  }

  async function opened(video) {
    video.muted = true;
    video.loop = true;
    video.playsInline = true;
    await new Promise((resolve, reject) => {
      video.onloadeddata = resolve;
      video.onerror = () => reject(new RuntimeError("This browser cannot play that video.", "Try an MP4 file with H.264, or a WebM file."));
    });
    await video.play();
    return video;
  }

  async function openFile(file) {
    const name = file.name || "picture";
    if (file.type.startsWith("video/")) {
      const video = document.createElement("video");
      const url = URL.createObjectURL(file);
      video.src = url;
      try {
        await opened(video);
      } catch (error) {
        URL.revokeObjectURL(url);
        throw error;
      }
      return new Film(video, name, () => { video.pause(); URL.revokeObjectURL(url); });
    }
    try {
      return new Still(await createImageBitmap(file), name);
    } catch {
      throw new RuntimeError(`This browser cannot read ${name}.`, "Try a PNG, JPEG or WebP picture, or an MP4 or WebM video.");
    }
  }

  async function openCamera() {
    if (!navigator.mediaDevices) {
      throw new RuntimeError("This browser gives no camera to this page.", "Open the page from https or from this computer.");
    }
    let stream;
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { width: { ideal: 1280 }, height: { ideal: 720 } } });
    } catch (error) {
      throw new RuntimeError(error.name === "NotAllowedError" ? "The camera was not allowed." : "There is no camera.",
        "Allow it in the address bar of the browser, or open a picture or a video.");
    }
    const video = document.createElement("video");
    video.srcObject = stream;
    await opened(video);
    return new Film(video, "camera", () => stream.getTracks().forEach((track) => track.stop()));
  }

  // ---- The source beside the result ------------------------------------------------------------------------------------

  /** Shows the source of the frame that is out: as many frames back as the style looks ahead. */
  class SourceView {
    constructor(canvas) {
      this.canvas = canvas;
    }

    begin(width, height, latency) {
      [this.canvas.width, this.canvas.height] = [width, height];
      this.context = this.canvas.getContext("2d", { alpha: false });
      this.waiting = [];
      this.latency = latency;
    }

    #draw(context, picture) {
      const { width, height } = this.canvas;
      const part = cover(picture, width, height);
      context.fillStyle = "#fff";
      context.fillRect(0, 0, width, height);
      context.drawImage(picture, part.x, part.y, part.width, part.height, 0, 0, width, height);
    }

    add(picture) {
      if (this.latency === 0) {
        this.#draw(this.context, picture);
        return;
      }
      const { width, height } = this.canvas;
      // The oldest one is shown, so it can be drawn on again.
      const spare = this.waiting.length > this.latency ? this.waiting.shift() : new OffscreenCanvas(width, height);
      this.#draw(spare.getContext("2d", { alpha: false }), picture);
      this.waiting.push(spare);
      this.context.drawImage(this.waiting[0], 0, 0);
    }

    /** The newest one, for a still. */
    last() {
      const newest = this.waiting[this.waiting.length - 1];
      if (newest) this.context.drawImage(newest, 0, 0);
    }
  }

  // ---- Playing -----------------------------------------------------------------------------------------------------------

  /** Feeds the style with what is shown. */
  class Player {
    #running = false;
    /** While something else is being set up, no frame is begun. */
    #held = false;
    /** Whether a frame is to be rendered that is not new. */
    #asked = false;
    #shown = 0;
    #since = performance.now();
    #clock = 0;
    #last = null;

    constructor() {
      this.view = new SourceView(element("source"));
      this.playing = !matchMedia("(prefers-reduced-motion: reduce)").matches;
      this.plan = null;
    }

    stop() {
      this.#running = false;
    }

    /** Opens the device, and shows the scene. */
    async start() {
      this.device = await openDevice(description);
      this.device.lost.then(({ reason, message }) => {
        if (reason !== "destroyed") fail(new RuntimeError(`The graphics card stopped: ${message || "no reason is known"}.`, "Load this page again; close other pages that use the graphics card."));
      });
      this.device.addEventListener("uncapturederror", ({ error }) => say(`WebGPU: ${error.message}`));
      await this.#setPlan(nearestPlan(description, innerWidth, innerHeight * 0.8), new Map());
      this.source = new Scene(this.style.width, this.style.height);
      this.#running = true;
      this.#tick(performance.now());
    }

    /** Runs the style at the size of another plan, with these values. */
    async #setPlan(plan, values) {
      const style = await create(this.device, description, { plan });
      const before = this.style;
      this.style = style;
      this.plan = plan;
      this.#asked = true;
      for (const param of style.params) {
        const value = values.get(param.id);
        const fits = param.change === "free" || (param.change === "between" && value >= param.min && value <= param.max);
        if (value !== undefined && fits) style.setParams({ [param.id]: value });
      }
      // A canvas keeps the device of its first context, so the result has a canvas for each style.
      const old = element("result");
      const fresh = old.cloneNode();
      old.replaceWith(fresh);
      style.showOn(fresh);
      before?.destroy();
      this.view.begin(...style.output, style.latency);
      element("stage").style.setProperty("--ratio", style.output[0] / style.output[1]);
      controls.build(style);
      shapes.show(plan);
    }

    /** Takes the plan with this index, or the one that fits the picture where it is null. */
    async choosePlan(wanted) {
      const { width, height } = this.source.extent;
      const isScene = this.source instanceof Scene;
      const fitting = isScene ? nearestPlan(description, innerWidth, innerHeight * 0.8) : nearestPlan(description, width, height);
      const plan = wanted ?? fitting;
      await this.#alone(async () => {
        if (plan === this.plan) return;
        await this.#setPlan(plan, controls.values());
        if (isScene) this.source = new Scene(this.style.width, this.style.height);
      });
      this.#last = null;
      this.#asked = true;
      this.tell();
    }

    /** Shows something else. */
    async show(source) {
      await this.#alone(async () => {
        this.source.close?.();
        this.source = source;
        this.playing = source.moves;
      });
      await this.choosePlan(shapes.wanted);
      bar.show(this);
      say(`Now showing: ${source.name}.`);
    }

    showScene() {
      return this.show(new Scene(this.style.width, this.style.height));
    }

    setPlaying(playing) {
      this.playing = playing;
      const video = this.source.picture;
      if (video instanceof HTMLVideoElement) {
        if (playing) video.play();
        else video.pause();
      }
      this.#asked = true;
      bar.show(this);
    }

    /** Has a picture that stands still rendered again. */
    refresh() {
      this.#asked = true;
    }

    /** What is shown, in words. */
    tell() {
      const { width, height } = this.source.extent;
      const { style } = this;
      const part = cover({ width, height }, style.width, style.height);
      const whole = part.width > width - 1 && part.height > height - 1;
      const cropped = whole ? "" : ` · the middle of ${width} × ${height}`;
      const rate = this.rate && this.playing && this.source.moves ? ` · ${this.rate} ${this.rate === 1 ? "frame" : "frames"} per second` : "";
      element("facts").textContent = `${this.source.name} · ${style.output[0]} × ${style.output[1]}${cropped}${rate}`;
    }

    /** Does something while no frame is in work. */
    async #alone(work) {
      this.#held = true;
      try {
        await this.busy;
        await work();
      } finally {
        this.#held = false;
      }
    }

    #tick(now) {
      if (!this.#running) return;
      requestAnimationFrame((then) => this.#tick(then));
      if (this.playing) this.#clock += Math.min((now - (this.tickedAt ?? now)) / 1000, 0.1);
      this.tickedAt = now;
      if (this.busy || this.#held) return;
      this.busy = this.#render().catch(fail).finally(() => { this.busy = null; });
    }

    /** Renders a frame where there is a new one. */
    async #render() {
      const { source, style } = this;
      source.draw(this.#clock);
      const film = source instanceof Film;
      const seconds = film ? source.picture.currentTime : this.#clock;
      if (film && source.picture.readyState < 2) return;
      const moves = source.moves && this.playing;
      const isNew = moves && seconds !== this.#last;
      if (!isNew && !this.#asked) return;
      if (!moves) {
        this.#asked = false;
        this.#last = null;
        style.reset();
        this.view.begin(...style.output, style.latency);
        this.view.add(source.picture);
        await style.frame(source.picture, { seconds });
        await style.finish();
        this.view.last();
      } else {
        this.#asked = false;
        // A video that begins again, and one that was moved, is another stream.
        if (this.#last === null || seconds < this.#last || seconds > this.#last + 1) {
          style.reset();
          this.view.begin(...style.output, style.latency);
        }
        this.#last = seconds;
        this.view.add(source.picture);
        await style.frame(source.picture, { seconds });
      }
      await this.device.queue.onSubmittedWorkDone();
      this.#count();
    }

    #count() {
      this.#shown += 1;
      const now = performance.now();
      if (now - this.#since < 1000) return;
      this.rate = Math.round((this.#shown * 1000) / (now - this.#since));
      [this.#shown, this.#since] = [0, now];
      this.tell();
    }

    /** Writes the result as a PNG file, to where the visitor keeps downloads. */
    async save() {
      await this.busy;
      const { width, height, rgba } = await this.style.read();
      const canvas = new OffscreenCanvas(width, height);
      canvas.getContext("2d").putImageData(new ImageData(rgba, width, height), 0, 0);
      const blob = await canvas.convertToBlob({ type: "image/png" });
      const link = document.createElement("a");
      link.href = URL.createObjectURL(blob);
      link.download = `${description.name}-${width}x${height}.png`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 10000);
      say(`Saved ${link.download}.`);
    }
  }

  // ---- Parameters --------------------------------------------------------------------------------------------------------

  /** A step that a slider of this range has: 1, 2 or 5 of some power of ten, a hundred of them or more. */
  function stepOf({ min, max, type }) {
    if (type === "integer") return 1;
    const power = 10 ** Math.floor(Math.log10((max - min) / 100));
    return power * ([5, 2].find((times) => (max - min) / (power * times) >= 100) ?? 1);
  }

  /** The controls of the parameters. */
  class Controls {
    build(style) {
      this.style = style;
      const params = style.params;
      const live = params.filter(({ change }) => change === "free" || change === "between");
      const several = description.styles.length > 1;
      const list = element("params");
      list.replaceChildren();
      let heading = "";
      for (const param of live) {
        if (several && param.style !== heading) {
          heading = param.style;
          list.append(Object.assign(document.createElement("h2"), { textContent: heading }));
        }
        list.append(this.#control(param));
      }
      const rest = params.filter((param) => !live.includes(param));
      element("fixed").hidden = rest.length === 0;
      element("fixed-list").replaceChildren(...rest.flatMap((param) => {
        const name = document.createElement("dt");
        const value = typeof param.value === "object" ? "over time" : param.value === "" ? "none" : param.value;
        name.textContent = `${spoken(param.label)}: ${value}`;
        const why = document.createElement("dd");
        why.textContent = param.change === "track" ? "It changes over time, as it was exported." : `Fixed: ${param.why}.`;
        return [name, why];
      }));
      this.#showReset();
    }

    /** The values that are set, by parameter. */
    values() {
      return new Map(this.style.params.map(({ id, value }) => [id, value]));
    }

    /** What a parameter goes back to: the value that the page was made with. */
    #made(id) {
      return description.params.find((param) => param.id === id).value;
    }

    #control(param) {
      const row = document.createElement("div");
      row.className = "param";
      const id = `param-${param.id.replace(/\W/g, "-")}`;
      const limits = param.change === "between" ? `. In this page from ${param.min} to ${param.max}` : "";
      const help = Object.assign(document.createElement("p"), { className: "help", id: `${id}-help`, textContent: param.help.replaceAll("`", "") + limits });
      const label = Object.assign(document.createElement("label"), { htmlFor: id, textContent: spoken(param.label) });
      const name = Object.assign(document.createElement("div"), { className: "name" });
      const back = Object.assign(document.createElement("button"), { type: "button", className: "back", textContent: "Reset" });
      back.setAttribute("aria-label", `Reset ${spoken(param.label)}`);
      name.append(label);
      if (param.unit) {
        const unit = param.unit === "px" ? "px of 1080 lines" : param.unit;
        name.append(Object.assign(document.createElement("span"), { className: "unit", textContent: unit }));
      }
      name.append(back);
      const inputs = this.#inputs(param, id);
      inputs[0].setAttribute("aria-describedby", help.id);
      const show = (value) => {
        for (const input of inputs) {
          if (input.type === "checkbox") input.checked = value;
          else if (input !== document.activeElement || input.type !== "number") input.value = value;
        }
        back.hidden = value === this.#made(param.id);
      };
      const set = (value) => {
        try {
          this.style.setParams({ [param.id]: value });
        } catch (error) {
          say(`${error.message} ${error.advice ?? ""}`);
          return;
        }
        show(value);
        this.#showReset();
        player.refresh();
      };
      for (const input of inputs) {
        input.addEventListener("input", () => {
          if (input.type === "checkbox") set(input.checked);
          else if (input.type === "range" || input.type === "number") {
            if (input.value !== "" && input.checkValidity()) set(Number(input.value));
          } else set(input.value);
        });
        // What cannot be is put right when the field is left.
        input.addEventListener("change", () => show(this.values().get(param.id)));
      }
      back.addEventListener("click", () => {
        set(this.#made(param.id));
        inputs[0].focus();
      });
      row.reset = () => set(this.#made(param.id));
      const field = Object.assign(document.createElement("div"), { className: "set" });
      field.append(...inputs);
      row.append(name, field, help);
      show(param.value);
      return row;
    }

    /** The fields of a parameter; the first one has the label. */
    #inputs(param, id) {
      const input = (type, more = {}) => Object.assign(document.createElement("input"), { type, ...more });
      const { min, max } = param;
      switch (param.type) {
        case "flag": return [input("checkbox", { id })];
        case "color": return [input("color", { id })];
        case "choice": {
          const select = Object.assign(document.createElement("select"), { id });
          select.append(...param.choices.map((choice) => new Option(spoken(choice), choice)));
          return [select];
        }
        default: {
          const slider = input("range", { id, min, max, step: stepOf(param) });
          const number = input("number", { min, max, step: param.type === "integer" ? 1 : "any" });
          number.setAttribute("aria-label", `${spoken(param.label)}, as a number`);
          return [slider, number];
        }
      }
    }

    #showReset() {
      const values = this.values();
      element("reset").hidden = description.params.every(({ id, value }) => typeof value === "object" || values.get(id) === value);
    }

    reset() {
      for (const row of document.querySelectorAll(".param")) row.reset();
    }
  }

  // ---- The bar -------------------------------------------------------------------------------------------------------------

  const bar = {
    show({ playing, source }) {
      const play = element("play");
      play.hidden = !source.moves;
      play.setAttribute("aria-pressed", String(playing));
      play.querySelector(".text").textContent = playing ? "Pause" : "Play";
      element("scene").hidden = source instanceof Scene;
      element("camera").setAttribute("aria-current", String(source.isCamera ?? false));
    },
  };

  const shapes = {
    /** The plan that the visitor has chosen; null where the page chooses. */
    get wanted() {
      const { value } = element("shape");
      return value === "" ? null : Number(value);
    },
    build() {
      const options = description.plans.map(({ width, height }, plan) => new Option(`${width} × ${height}`, plan));
      element("shape").replaceChildren(new Option("automatic", ""), ...options);
      element("shape").closest("label").hidden = options.length === 1;
    },
    show(plan) {
      const { width, height } = description.plans[plan];
      element("shape").options[0].textContent = `automatic: ${width} × ${height}`;
    },
  };

  /** Does something that may fail, and tells of it. */
  async function attempt(work) {
    try {
      say("");
      await work();
    } catch (error) {
      say(`${error.message} ${error.advice ?? ""}`);
    }
  }

  function listen() {
    const swipe = element("swipe");
    const move = () => {
      element("stage").style.setProperty("--swipe", `${swipe.value}%`);
      element("stage").classList.toggle("whole", swipe.value === "0");
    };
    swipe.addEventListener("input", move);
    move();
    element("play").addEventListener("click", () => player.setPlaying(!player.playing));
    element("camera").addEventListener("click", () => attempt(async () => player.show(await openCamera())));
    element("scene").addEventListener("click", () => attempt(() => player.showScene()));
    element("save").addEventListener("click", () => attempt(() => player.save()));
    element("shape").addEventListener("change", () => attempt(() => player.choosePlan(shapes.wanted)));
    element("reset").addEventListener("click", () => controls.reset());
    const open = (file) => file && attempt(async () => player.show(await openFile(file)));
    element("file").addEventListener("change", ({ target }) => {
      open(target.files[0]);
      target.value = "";
    });
    const drop = element("drop");
    addEventListener("dragover", (event) => {
      event.preventDefault();
      drop.classList.add("over");
    });
    addEventListener("dragleave", (event) => event.relatedTarget === null && drop.classList.remove("over"));
    addEventListener("drop", (event) => {
      event.preventDefault();
      drop.classList.remove("over");
      open(event.dataTransfer.files[0]);
    });
    addEventListener("paste", (event) => open(event.clipboardData.files[0]));
    addEventListener("keydown", (event) => {
      const typing = event.target.closest?.("input, select, button, summary, textarea");
      if (event.key !== " " || typing || !player.source?.moves) return;
      event.preventDefault();
      player.setPlaying(!player.playing);
    });
    element("controls").addEventListener("submit", (event) => event.preventDefault());
  }

  const controls = new Controls();
  const player = new Player();

  async function begin() {
    element("summary").textContent = description.styles.map(({ summary }) => summary).join(" · ");
    shapes.build();
    listen();
    await player.start();
    element("work").hidden = false;
    bar.show(player);
    player.tell();
  }

  begin().catch(fail);
})();
