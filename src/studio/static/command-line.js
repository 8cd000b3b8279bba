// A request as the command line that does the same.

const quote = (text) => (/^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`);

function flags(request) {
  return Object.entries(request).flatMap(([key, value]) => {
    const flag = `--${key.replaceAll("_", "-")}`;
    if (value === null || value === undefined || value === false) return [];
    if (value === true) return [flag];
    if (Array.isArray(value)) return value.flatMap((one) => [flag, quote(String(one))]);
    return [flag, quote(typeof value === "object" ? JSON.stringify(value) : String(value))];
  });
}

/** The command for one or more files. */
export function commandLine(files, request, folder = null) {
  const to = folder === null ? [] : ["--output", quote(`${folder}/`)];
  return ["aquatint", ...(files.length > 0 ? files.map(quote) : ["FILE"]), ...flags(request), ...to].join(" ");
}
