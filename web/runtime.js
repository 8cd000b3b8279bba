// Runs a style of aquatint in a browser, by WebGPU: the shaders, the plan and the formulas that `aquatint shader export`
// wrote. A plain script without imports, so that a page can load it from a file; it defines `AquatintRuntime`.
//
//     const device = await AquatintRuntime.openDevice(description);
//     const style = await AquatintRuntime.create(device, description, { canvas });
//     style.setParams({ "comic.levels": 5 });
//     const out = await style.frame(video, { seconds: video.currentTime });   // null while it looks ahead
//     const { rgba } = await style.read();
//
// A frame goes through the same steps as in a render: the same kernels, histories, windows, scene cuts and measured noise.

"use strict";

(() => {
  /** The version of the description that this runtime reads. */
  const FORMAT = 1;
  /** Pipelines that are kept for a later style on the same device. */
  const KEPT_PIPELINES = 512;

  /** A failure that the visitor can do something about. */
  class RuntimeError extends Error {
    /**
     * @param {string} what What failed.
     * @param {string} advice What to do.
     */
    constructor(what, advice) {
      super(what);
      this.name = "RuntimeError";
      this.advice = advice;
    }
  }

  // ---- Devices -----------------------------------------------------------------------------------------------------

  /** The limits that the plans of a description need, by their names in WebGPU. */
  function neededLimits(description) {
    const needed = {};
    const atLeast = (name, value) => { needed[name] = Math.max(needed[name] ?? 0, value); };
    const bytesOf = ({ width, height, format }) => (format === "words" ? 4 * width : 16 * width * height);
    for (const plan of description.plans) {
      const sides = [plan.width, plan.height, ...plan.output];
      for (const shape of plan.slots) {
        if (shape.format === "words") atLeast("maxStorageBufferBindingSize", bytesOf(shape));
        else sides.push(shape.width, shape.height);
      }
      const tables = plan.steps.flatMap(({ bindings }) => bindings.filter(({ kind }) => kind === "table"));
      plan.files.forEach((file, index) => {
        const { width, height } = description.files[file];
        if (tables.some((table) => table.file === index)) atLeast("maxStorageBufferBindingSize", 16 * width);
        else sides.push(width, height);
      });
      atLeast("maxTextureDimension2D", Math.max(...sides));
      const pixels = Math.max(plan.width * plan.height, plan.output[0] * plan.output[1]);
      atLeast("maxStorageBufferBindingSize", 4 * pixels);
      for (const block of plan.blocks) atLeast("maxUniformBufferBindingSize", 4 * block.words.length);
      for (const step of plan.steps) {
        const kinds = step.bindings.map((binding) => Object.keys(layoutOf(plan, step, binding))[0]);
        const ofBuffer = (type) => step.bindings.filter((binding) =>
          layoutOf(plan, step, binding).buffer?.type.includes(type)).length;
        atLeast("maxSampledTexturesPerShaderStage", kinds.filter((kind) => kind === "texture").length);
        // The planes of the source, and the words of the output.
        atLeast("maxStorageBuffersPerShaderStage", ofBuffer("storage") + 2);
        // The facts of the frame, and the part of the grid.
        atLeast("maxUniformBuffersPerShaderStage", ofBuffer("uniform") + 2);
        atLeast("maxBindingsPerBindGroup", step.bindings.length);
        atLeast("maxComputeWorkgroupStorageSize", step.shared);
        for (const { size: [x, y] } of step.entries) {
          atLeast("maxComputeInvocationsPerWorkgroup", x * y);
          atLeast("maxComputeWorkgroupSizeX", x);
          atLeast("maxComputeWorkgroupSizeY", y);
        }
      }
    }
    needed.maxBufferSize = needed.maxStorageBufferBindingSize;
    return needed;
  }

  /** What a limit is about, for people. */
  const LIMITS = {
    maxTextureDimension2D: "pixels on a side of a picture",
    maxStorageBufferBindingSize: "bytes in a buffer",
    maxBufferSize: "bytes in a buffer",
    maxSampledTexturesPerShaderStage: "images that a step reads",
    maxStorageBuffersPerShaderStage: "buffers of a step",
    maxComputeWorkgroupStorageSize: "bytes that a workgroup shares",
  };

  /**
   * Opens a device on which all plans of a description run.
   * @param {object} description What `aquatint shader export` wrote.
   * @param {GPURequestAdapterOptions} [options]
   * @returns {Promise<GPUDevice>}
   * @throws {RuntimeError} Where the browser has no WebGPU, or allows less than the style needs.
   */
  async function openDevice(description, options = { powerPreference: "high-performance" }) {
    check(description);
    if (!navigator.gpu) {
      throw new RuntimeError("This browser has no WebGPU.", isSecureContext
        ? "Open this page in a current Chrome, Edge, Safari or Firefox; on Linux, WebGPU may have to be switched on first (chrome://flags/#enable-unsafe-webgpu)."
        : "WebGPU needs a page from https, from this computer (localhost), or from a file.");
    }
    const adapter = await navigator.gpu.requestAdapter(options);
    if (!adapter) {
      throw new RuntimeError("This browser found no graphics card for WebGPU.",
        "Switch hardware acceleration on in the settings of the browser, and update the driver of the graphics card.");
    }
    const requiredLimits = {};
    for (const [name, value] of Object.entries(neededLimits(description))) {
      const most = adapter.limits[name];
      if (most === undefined) continue;
      if (value > most) {
        throw new RuntimeError(`This graphics card allows ${most} ${LIMITS[name] ?? name}, and the style needs ${value}.`,
          "Export the style for smaller pictures (--size), or open the page on another machine.");
      }
      requiredLimits[name] = value;
    }
    // Below a default, the default is what a device has anyway.
    return adapter.requestDevice({ requiredLimits });
  }

  /** Refuses what this runtime cannot read. */
  function check(description) {
    if (description?.format !== FORMAT) {
      throw new RuntimeError(`This style is written in format ${description?.format}, and the page reads ${FORMAT}.`,
        "Export it again, and take all files of the new folder.");
    }
  }

  // ---- Numbers -----------------------------------------------------------------------------------------------------

  const asFloat = new Float32Array(1);
  const asWord = new Uint32Array(asFloat.buffer);

  /** The bits of the 32-bit float nearest to a number. */
  function bitsOf(number) {
    asFloat[0] = number;
    return asWord[0];
  }

  /** As the renderer rounds: halves away from zero. */
  const round = (x) => Math.sign(x) * Math.floor(Math.abs(x) + 0.5);
  const truth = (condition) => (condition ? 1 : 0);
  // A value that is no number does not count.
  const least = (a, b) => (Number.isNaN(a) ? b : Number.isNaN(b) ? a : Math.min(a, b));
  const most = (a, b) => (Number.isNaN(a) ? b : Number.isNaN(b) ? a : Math.max(a, b));

  /** What the words of an expression do; how many values they take is how many arguments they have. */
  const APPLY = {
    negate: (a) => -a,
    not: (a) => truth(a === 0),
    abs: (a) => Math.abs(a),
    ceil: (a) => Math.ceil(a),
    cos: (a) => Math.cos(a),
    exp: (a) => Math.exp(a),
    floor: (a) => Math.floor(a),
    ln: (a) => Math.log(a),
    round: (a) => round(a),
    sin: (a) => Math.sin(a),
    sqrt: (a) => Math.sqrt(a),
    mod: (a, b) => a - b * Math.floor(a / b),
    min: least,
    max: most,
    "||": (a, b) => truth(a !== 0 || b !== 0),
    "&&": (a, b) => truth(a !== 0 && b !== 0),
    "<=": (a, b) => truth(a <= b),
    ">=": (a, b) => truth(a >= b),
    "==": (a, b) => truth(a === b),
    "!=": (a, b) => truth(a !== b),
    "<": (a, b) => truth(a < b),
    ">": (a, b) => truth(a > b),
    "+": (a, b) => a + b,
    "-": (a, b) => a - b,
    "*": (a, b) => a * b,
    "/": (a, b) => a / b,
    // In JavaScript 1 to the power of what is no number is none.
    "^": (a, b) => (a === 1 ? 1 : a ** b),
    clamp: (x, low, high) => least(most(x, low), high),
    if: (condition, yes, no) => (condition !== 0 ? yes : no),
  };

  /** The value of an expression in postfix order, with the values of the formulas before it. */
  function evaluated(steps, formulas) {
    const stack = [];
    for (const step of steps) {
      if (typeof step === "number") {
        stack.push(step);
      } else if (typeof step === "string") {
        const apply = APPLY[step];
        stack.push(apply(...stack.splice(stack.length - apply.length)));
      } else {
        stack.push(step === null ? NaN : formulas[step.formula]);
      }
    }
    const [value] = stack;
    return Number.isFinite(value) ? value : NaN;
  }

  /** Times are often stored in milliseconds, so a key counts from half a millisecond before its time. */
  const KEY_TOLERANCE = 0.0005;

  /** The value of a curve with keys. Before the first key and after the last, their values hold. */
  function keyed({ keys, interpolation }, seconds) {
    const met = seconds + KEY_TOLERANCE;
    const next = keys.findIndex(([at]) => at > met);
    if (next === 0) return keys[0][1];
    if (next < 0) return keys[keys.length - 1][1];
    const [[start, from], [end, to]] = [keys[next - 1], keys[next]];
    const share = Math.min(Math.max((seconds - start) / (end - start), 0), 1);
    if (interpolation === "hold") return from;
    return from + (to - from) * (interpolation === "ease" ? share * share * (3 - 2 * share) : share);
  }

  /** The numbers that kernels read of a value: a colour is three, 0 to 1. */
  function numbersOf(param, value) {
    switch (param.type) {
      case "flag": return [truth(value)];
      case "choice": return [param.choices.indexOf(value)];
      case "color": return [1, 3, 5].map((at) => parseInt(value.slice(at, at + 2), 16) / 255);
      default: return [value];
    }
  }

  /** PCG in three dimensions: a hash of three words. */
  function pcg3d(counter) {
    const add = (a, b, c) => (a + Math.imul(b, c)) >>> 0;
    let [x, y, z] = counter.map((word) => add(1013904223, word, 1664525));
    const mix = () => { x = add(x, y, z); y = add(y, z, x); z = add(z, x, y); };
    mix();
    [x, y, z] = [x, y, z].map((word) => (word ^ (word >>> 16)) >>> 0);
    mix();
    return [x, y, z];
  }

  // ---- What is measured of frames ------------------------------------------------------------------------------------

  const COLUMNS = 160;
  const ROWS = 90;
  const CELLS = COLUMNS * ROWS;
  const BINS = 64;
  const REMEMBERED = 5;
  const WHOLE = 1000;
  const EDGE = 24;
  const LEAST_LUMA = 28;
  const OUTSTANDING = 5;
  const BOUNDS = [110, 420];
  const BLOCK = 16;
  const BLOCKS = [24, 14];
  const FINE = 65536;

  /** Luma of the pixel at a byte: a quarter, a half and a quarter, rounded down. */
  const lumaAt = (rgba, at) => (rgba[at] + 2 * rgba[at + 1] + rgba[at + 2]) >> 2;

  /** Luma on a grid, each cell the mean of four samples. */
  function lumaGrid(rgba, width, height) {
    const grid = new Uint8Array(CELLS);
    const places = Array.from({ length: 2 * COLUMNS }, (_, i) => Math.floor(((2 * i + 1) * width) / (4 * COLUMNS)));
    for (let row = 0; row < ROWS; row++) {
      const [above, below] = [1, 3].map((dy) => Math.floor(((4 * row + dy) * height) / (4 * ROWS)) * width);
      for (let column = 0; column < COLUMNS; column++) {
        const [left, right] = [places[2 * column], places[2 * column + 1]];
        const sum = lumaAt(rgba, 4 * (above + left)) + lumaAt(rgba, 4 * (above + right))
          + lumaAt(rgba, 4 * (below + left)) + lumaAt(rgba, 4 * (below + right));
        grid[row * COLUMNS + column] = sum >> 2;
      }
    }
    return grid;
  }

  function histogram(grid) {
    const bins = new Int32Array(BINS);
    for (const value of grid) bins[(value * BINS) >> 8] += 1;
    return bins;
  }

  /** Cells that differ from the cell right of them or below. */
  function edges(grid) {
    const found = new Uint8Array(CELLS);
    for (let y = 0; y < ROWS; y++) {
      for (let x = 0; x < COLUMNS; x++) {
        const at = y * COLUMNS + x;
        const right = x + 1 < COLUMNS ? Math.abs(grid[at] - grid[at + 1]) : 0;
        const below = y + 1 < ROWS ? Math.abs(grid[at] - grid[at + COLUMNS]) : 0;
        found[at] = truth(Math.min(right + below, 255) > EDGE);
      }
    }
    return found;
  }

  /** The edges, and all cells within two cells of one. */
  function widened(of) {
    const wide = new Uint8Array(CELLS);
    for (let y = 0; y < ROWS; y++) {
      for (let x = 0; x < COLUMNS; x++) {
        if (!of[y * COLUMNS + x]) continue;
        for (let v = Math.max(y - 2, 0); v <= Math.min(y + 2, ROWS - 1); v++) {
          wide.fill(1, v * COLUMNS + Math.max(x - 2, 0), v * COLUMNS + Math.min(x + 2, COLUMNS - 1) + 1);
        }
      }
    }
    return wide;
  }

  /** Share of the edges in `of` that have no edge of `other` near them, in thousandths. */
  function unmatched(of, other) {
    const near = widened(other);
    let count = 0;
    let lost = 0;
    for (let at = 0; at < CELLS; at++) {
      count += of[at];
      lost += of[at] & (near[at] ^ 1);
    }
    return Math.floor((lost * WHOLE) / Math.max(count, Math.floor(CELLS / 200)));
  }

  /** How much a frame differs from the one before: luma, and histogram and edges together. */
  function changeBetween(before, now) {
    const [was, is] = [histogram(before), histogram(now)];
    const bin = (i) => (i < 0 || i >= BINS ? 0 : is[i] - was[i]);
    let moved = 0;
    for (let i = 0; i < BINS; i++) moved += Math.abs(bin(i - 1) + 2 * bin(i) + bin(i + 1));
    moved = Math.floor(moved / 4);
    let difference = 0;
    for (let at = 0; at < CELLS; at++) difference += Math.abs(before[at] - now[at]);
    const [old, fresh] = [edges(before), edges(now)];
    const ofHistogram = Math.floor((Math.min(moved, 2 * CELLS) * WHOLE) / (2 * CELLS));
    const ofEdges = Math.max(unmatched(old, fresh), unmatched(fresh, old));
    return {
      luma: Math.floor((Math.floor(difference / CELLS) * WHOLE) / 255),
      total: ofHistogram + Math.floor(ofEdges / 2),
    };
  }

  /** Noise of a picture in 1/65536 of the range, by what a Laplacian leaves of its flatter blocks. */
  function noiseOf(rgba, width, height) {
    const across = Math.min(Math.floor(width / BLOCK), BLOCKS[0]);
    const down = Math.min(Math.floor(height / BLOCK), BLOCKS[1]);
    const residues = [];
    const block = new Int32Array(BLOCK * BLOCK);
    for (let row = 0; row < down; row++) {
      for (let column = 0; column < across; column++) {
        const left = Math.floor((column * (width - BLOCK)) / (Math.max(across, 2) - 1));
        const top = Math.floor((row * (height - BLOCK)) / (Math.max(down, 2) - 1));
        let sum = 0;
        for (let y = 0; y < BLOCK; y++) {
          for (let x = 0; x < BLOCK; x++) {
            const luma = lumaAt(rgba, 4 * ((top + y) * width + left + x));
            block[y * BLOCK + x] = luma;
            sum += luma;
          }
        }
        const mean = Math.floor(sum / (BLOCK * BLOCK));
        // Clipped blacks and whites have lost their noise.
        if (mean >= 21 && mean < 234) residues.push(residueOf(block));
      }
    }
    if (residues.length === 0) return 0;
    residues.sort((a, b) => a - b);
    const all = residues[Math.floor(residues.length / 5)] * FINE * 208886;
    const unit = (BLOCK - 2) * (BLOCK - 2) * 255 * 1000000;
    return (all - (all % unit)) / unit;
  }

  function residueOf(block) {
    const across = (y, x) => block[y * BLOCK + x] - 2 * block[y * BLOCK + x + 1] + block[y * BLOCK + x + 2];
    let sum = 0;
    for (let y = 0; y + 2 < BLOCK; y++) {
      for (let x = 0; x + 2 < BLOCK; x++) sum += Math.abs(across(y, x) - 2 * across(y + 1, x) + across(y + 2, x));
    }
    return sum;
  }

  /** Finds scene cuts and measures noise, on frames in their order. */
  class Observer {
    #grid = null;
    #changes = [];
    #noise = null;

    /** @returns {{ cut: boolean, noiseLevel: number }} */
    observe(rgba, width, height) {
      const grid = lumaGrid(rgba, width, height);
      let cut = false;
      if (this.#grid) {
        const change = changeBetween(this.#grid, grid);
        const before = this.#changes.length ? Math.max(...this.#changes) : BOUNDS[1];
        const threshold = Math.min(Math.max(OUTSTANDING * before, BOUNDS[0]), BOUNDS[1]);
        cut = change.luma >= LEAST_LUMA && change.total >= threshold;
        if (cut) this.#changes = [];
        else this.#changes = [...this.#changes, change.total].slice(-REMEMBERED);
      }
      this.#grid = grid;
      const measured = noiseOf(rgba, width, height);
      const goesOn = this.#noise !== null && !cut;
      this.#noise = goesOn ? Math.floor((7 * this.#noise + measured) / 8) : measured;
      return { cut, noiseLevel: Math.fround(this.#noise / FINE) };
    }
  }

  // ---- Time ----------------------------------------------------------------------------------------------------------

  /** The newest frames of a stream, as far back as nodes work and windows look. */
  class Timeline {
    #frames = [];
    #past = 0;

    constructor(depth, behind) {
      this.depth = depth;
      this.behind = behind;
      this.count = 0;
    }

    get newest() {
      return this.#frames[this.#frames.length - 1];
    }

    push(frame) {
      this.count = frame.index + 1;
      this.#frames.push(frame);
      this.#frames.splice(0, this.#frames.length - (2 + this.depth + this.behind));
    }

    /** At the end of the stream: whether frames are left that are still worked on. */
    stepPastEnd() {
      const left = this.#past < this.depth;
      if (left) this.#past += 1;
      return left;
    }

    /** The frame so many behind the newest, with the limits of its scene, or of the stream; null where there is none. */
    at(delay, acrossCuts) {
      const position = this.#frames.length - 1 - (delay - this.#past);
      if (delay < this.#past || position < 0) return null;
      const frames = this.#frames;
      let after = 0;
      const cut = (at) => frames[at].facts.cut && !acrossCuts;
      while (position + after + 1 < frames.length && !cut(position + after + 1)) after += 1;
      let before = 0;
      while (before < position && !cut(position - before)) before += 1;
      const frame = frames[position];
      const facts = {
        ...frame.facts,
        frames_before: Math.min(before, this.behind),
        frames_after: Math.min(after, this.depth),
      };
      return { ...frame, facts };
    }
  }

  /** The number of the frame at these ticks at the nominal rate: the nearest, halves away from zero, at least 0. */
  function numberAt(ticks, [num, den], [frames, seconds]) {
    const [over, under] = [BigInt(ticks) * BigInt(num) * BigInt(frames), BigInt(den) * BigInt(seconds)];
    if (under === 0n || over <= 0n) return 0;
    const number = (over + under / 2n) / under;
    return Number(number > 0xffffffffn ? 0xffffffffn : number);
  }

  // ---- WebGPU --------------------------------------------------------------------------------------------------------

  /** How a binding of group 1 is laid out. */
  function layoutOf(plan, step, binding) {
    const read = (format) => {
      if (format === "words") return { buffer: { type: "read-only-storage" } };
      return { texture: { sampleType: format === "rgba16sint" ? "sint" : "unfilterable-float" } };
    };
    switch (binding.kind) {
      case "params": return { buffer: { type: "uniform" } };
      case "image": return read(plan.slots[binding.slot].format);
      case "history": return read(plan.slots[plan.histories[binding.history].slot].format);
      case "file": return read("rgba32float");
      case "table": return read("words");
      default: {
        const { format } = plan.slots[step.slot];
        if (format === "words") return { buffer: { type: "storage" } };
        return { storageTexture: { access: "write-only", format } };
      }
    }
  }

  const bindGroupLayout = (device, layouts) => device.createBindGroupLayout({
    entries: layouts.map((layout, binding) => ({ binding, visibility: GPUShaderStage.COMPUTE, ...layout })),
  });

  const FRAME_LAYOUT = [
    { buffer: { type: "uniform" } },
    { buffer: { type: "uniform" } },
    { buffer: { type: "read-only-storage" } },
  ];
  const WORDS_LAYOUT = [{ buffer: { type: "storage" } }];

  /** Pipelines by device, shader, layout and entry point: a style that is made again compiles only what is new. */
  const pipelinesOf = new WeakMap();

  /**
   * The pipelines of a step and the layout of its group 1.
   * @returns {Promise<{ layout: GPUBindGroupLayout, pipelines: GPUComputePipeline[] }>}
   */
  function compiled(device, description, plan, step) {
    const code = description.shaders[step.shader];
    const layouts = step.bindings.map((binding) => layoutOf(plan, step, binding));
    const key = JSON.stringify([code, layouts, step.entries.map(({ name }) => name), step.slot === null]);
    const known = pipelinesOf.get(device) ?? new Map();
    pipelinesOf.set(device, known);
    const found = known.get(key) ?? build(device, step, code, layouts);
    // The last used is the last of the map.
    known.delete(key);
    known.set(key, found);
    if (known.size > KEPT_PIPELINES) known.delete(known.keys().next().value);
    found.catch(() => known.delete(key));
    return found;
  }

  async function build(device, step, code, layouts) {
    const module = device.createShaderModule({ label: step.label, code });
    const { messages } = await module.getCompilationInfo();
    const wrong = messages.filter(({ type }) => type === "error");
    if (wrong.length) {
      const text = wrong.map(({ lineNum, linePos, message }) => `${lineNum}:${linePos}: ${message}`).join("\n");
      throw new RuntimeError(`The shader of ${step.label} does not compile: ${text}`, "Please report this with the name of the browser.");
    }
    const layout = bindGroupLayout(device, layouts);
    const groups = [bindGroupLayout(device, FRAME_LAYOUT), layout];
    if (step.slot === null) groups.push(bindGroupLayout(device, WORDS_LAYOUT));
    const pipeline = (entry) => device.createComputePipelineAsync({
      label: step.label,
      layout: device.createPipelineLayout({ bindGroupLayouts: groups }),
      compute: { module, entryPoint: entry.name },
    });
    return { layout, pipelines: await Promise.all(step.entries.map(pipeline)) };
  }

  /** A texture, or a buffer of words, of this shape. */
  function makeImage(device, { width, height, format }) {
    if (format === "words") {
      const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC | GPUBufferUsage.COPY_DST;
      const buffer = device.createBuffer({ size: 4 * width, usage });
      return { buffer, size: 4 * width, bound: { buffer }, destroy: () => buffer.destroy() };
    }
    const usage = GPUTextureUsage.TEXTURE_BINDING | GPUTextureUsage.STORAGE_BINDING
      | GPUTextureUsage.COPY_SRC | GPUTextureUsage.COPY_DST;
    const texture = device.createTexture({ size: [width, height], format, usage });
    return { texture, size: [width, height], bound: texture.createView(), destroy: () => texture.destroy() };
  }

  function copyImage(encoder, from, to) {
    if (from.buffer) encoder.copyBufferToBuffer(from.buffer, 0, to.buffer, 0, to.size);
    else encoder.copyTextureToTexture({ texture: from.texture }, { texture: to.texture }, to.size);
  }

  function uniform(device, words) {
    const usage = GPUBufferUsage.UNIFORM | GPUBufferUsage.COPY_DST;
    const buffer = device.createBuffer({ size: 4 * words.length, usage });
    device.queue.writeBuffer(buffer, 0, words);
    return buffer;
  }

  /** The texture of a file of the style, or the buffer of a table of numbers. */
  function loadFile(device, { width, height, encoding, data }, isTable) {
    const bytes = Uint8Array.from(atob(data), (char) => char.charCodeAt(0));
    // As floats of 32 bits have the product of two floats.
    const unit = Math.fround(1 / 255);
    const values = encoding === "u8" ? Float32Array.from(bytes, (code) => code * unit) : new Float32Array(bytes.buffer);
    if (isTable) {
      const buffer = device.createBuffer({ size: values.byteLength, usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST });
      device.queue.writeBuffer(buffer, 0, values);
      return buffer;
    }
    const usage = GPUTextureUsage.TEXTURE_BINDING | GPUTextureUsage.COPY_DST;
    const texture = device.createTexture({ size: [width, height], format: "rgba32float", usage });
    device.queue.writeTexture({ texture }, values, { bytesPerRow: 16 * width }, [width, height]);
    return texture;
  }

  /** Writes the pixels of a canvas, which is copied to a texture, as the words that kernels read. */
  const PACK = `
@group(0) @binding(0) var canvas: texture_2d<f32>;
@group(0) @binding(1) var<storage, read_write> words: array<u32>;
@compute @workgroup_size(8, 8) fn main(@builtin(global_invocation_id) id: vec3u) {
    let extent = textureDimensions(canvas);
    if (id.x >= extent.x || id.y >= extent.y) {
        return;
    }
    words[id.y * extent.x + id.x] = pack4x8unorm(textureLoad(canvas, id.xy, 0));
}`;

  /** Shows the words of the output. */
  const SHOW = `
@group(0) @binding(0) var<storage, read> words: array<u32>;
@group(0) @binding(1) var<uniform> extent: vec4u;
@vertex fn corner(@builtin(vertex_index) index: u32) -> @builtin(position) vec4f {
    return vec4f(f32(index & 1u) * 4.0 - 1.0, f32(index >> 1u) * 4.0 - 1.0, 0.0, 1.0);
}
@fragment fn pixel(@builtin(position) at: vec4f) -> @location(0) vec4f {
    let p = min(vec2u(at.xy), extent.xy - vec2u(1u));
    return vec4f(unpack4x8unorm(words[p.y * extent.x + p.x]).rgb, 1.0);
}`;

  /** Takes pictures of a page: draws them, cropped, at the size of the plan. */
  class Intake {
    constructor(device, width, height) {
      this.device = device;
      this.width = width;
      this.height = height;
    }

    #context(willReadFrequently) {
      if (!this.context || this.willReadFrequently !== willReadFrequently) {
        this.canvas = new OffscreenCanvas(this.width, this.height);
        this.context = this.canvas.getContext("2d", { alpha: false, colorSpace: "srgb", willReadFrequently });
        this.willReadFrequently = willReadFrequently;
        this.context.imageSmoothingQuality = "high";
      }
      return this.context;
    }

    #draw(context, source) {
      const { x, y, width, height } = cover(source, this.width, this.height);
      context.fillStyle = "#fff";
      context.fillRect(0, 0, this.width, this.height);
      context.drawImage(source, x, y, width, height, 0, 0, this.width, this.height);
    }

    /** Its pixels as bytes. */
    bytes(source) {
      const context = this.#context(true);
      this.#draw(context, source);
      return context.getImageData(0, 0, this.width, this.height, { colorSpace: "srgb" }).data;
    }

    /** Writes its pixels to a buffer of the device; no byte goes through the processor. */
    write(source, buffer) {
      const { device, width, height } = this;
      this.#draw(this.#context(false), source);
      if (!this.texture) {
        const usage = GPUTextureUsage.TEXTURE_BINDING | GPUTextureUsage.COPY_DST | GPUTextureUsage.RENDER_ATTACHMENT;
        this.texture = device.createTexture({ size: [width, height], format: "rgba8unorm", usage });
        const module = device.createShaderModule({ code: PACK });
        this.pipeline = device.createComputePipeline({ layout: "auto", compute: { module, entryPoint: "main" } });
      }
      device.queue.copyExternalImageToTexture({ source: this.canvas }, { texture: this.texture, colorSpace: "srgb" }, [width, height]);
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      pass.setPipeline(this.pipeline);
      pass.setBindGroup(0, device.createBindGroup({
        layout: this.pipeline.getBindGroupLayout(0),
        entries: [{ binding: 0, resource: this.texture.createView() }, { binding: 1, resource: { buffer } }],
      }));
      pass.dispatchWorkgroups(Math.ceil(width / 8), Math.ceil(height / 8));
      pass.end();
      device.queue.submit([encoder.finish()]);
    }

    destroy() {
      this.texture?.destroy();
    }
  }

  /** Width and height of an image, a canvas, a video or a frame of one. */
  function extentOf(source) {
    const width = source.videoWidth ?? source.displayWidth ?? source.naturalWidth ?? source.width;
    const height = source.videoHeight ?? source.displayHeight ?? source.naturalHeight ?? source.height;
    return { width, height };
  }

  /**
   * The middle part of a picture that has the shape of `width` and `height`.
   * @returns {{ x: number, y: number, width: number, height: number }} In pixels of the picture.
   */
  function cover(source, width, height) {
    const whole = extentOf(source);
    const scale = Math.min(whole.width / width, whole.height / height);
    const part = { width: width * scale, height: height * scale };
    return { x: (whole.width - part.width) / 2, y: (whole.height - part.height) / 2, ...part };
  }

  // ---- The style -----------------------------------------------------------------------------------------------------

  /**
   * A style that runs on one stream of frames. Made by {@link create}.
   * @property {number} width Of the pictures that go in.
   * @property {number} height
   * @property {[number, number]} output Width and height of those that come out.
   * @property {number} latency Frames that come out behind the newest one that went in.
   */
  class Style {
    #device; #description; #plan; #steps; #files; #options;
    #values = new Map();
    #dirty = true;
    #formulas = [];

    constructor(device, description, plan, steps, options) {
      this.#device = device;
      this.#description = description;
      this.#plan = plan;
      this.#steps = steps;
      this.#options = options;
      this.width = plan.width;
      this.height = plan.height;
      this.output = plan.output;
      this.latency = plan.latency;
      const tables = new Set(plan.steps.flatMap(({ bindings }) =>
        bindings.filter(({ kind }) => kind === "table").map(({ file }) => file)));
      this.#files = plan.files.map((file, index) => loadFile(device, description.files[file], tables.has(index)));
      this.blocks = plan.blocks.map(({ words }) => uniform(device, new Uint32Array(words)));
      this.facts = plan.lanes.map(() => uniform(device, new Uint32Array(Math.ceil(description.facts.length / 4) * 4)));
      this.part = uniform(device, new Uint32Array(4));
      const [columns, rows] = plan.output;
      const usage = GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_SRC;
      this.words = device.createBuffer({ size: 4 * columns * rows, usage });
      this.frameLayout = bindGroupLayout(device, FRAME_LAYOUT);
      this.wordsGroup = device.createBindGroup({
        layout: bindGroupLayout(device, WORDS_LAYOUT),
        entries: [{ binding: 0, resource: { buffer: this.words } }],
      });
      this.slots = plan.slots.map((slot) => Array.from({ length: slot.frames }, () => makeImage(device, slot)));
      this.planes = Array.from({ length: plan.planes }, () => device.createBuffer({
        size: 4 * plan.width * plan.height,
        usage: GPUBufferUsage.STORAGE | GPUBufferUsage.COPY_DST,
      }));
      this.intake = new Intake(device, plan.width, plan.height);
      for (const { id, value } of description.params) this.#values.set(id, value);
      // The block of a node is written for the frame that the node works on.
      this.blockLanes = plan.blocks.map((_, block) => {
        const uses = ({ kind, block: bound }) => kind === "params" && bound === block;
        return plan.steps.find((step) => step.bindings.some(uses))?.lane ?? 0;
      });
      this.moves = plan.curves.some(({ keys }) => keys.length > 1);
      this.written = plan.blocks.map(({ words }) => Uint32Array.from(words));
      if (options.canvas) this.showOn(options.canvas);
      this.reset();
    }

    /**
     * The parameters: what a page shows of each, the value that it has, and how it may change in this plan.
     * @returns {{ id: string, label: string, style: string, type: string, help: string, unit?: string, min?: number,
     *   max?: number, choices?: string[], default: *, value: *, change: "free"|"between"|"track"|"fixed", why?: string }[]}
     */
    get params() {
      const changes = new Map(this.#plan.params.map((param) => [param.id, param]));
      return this.#description.params.map((param) => {
        const { change, min, max, why } = changes.get(param.id);
        const range = change === "between" ? { min, max } : {};
        return { ...param, ...range, label: param.name, change, why, value: this.#values.get(param.id) };
      });
    }

    /** Messages of the planner about this style at this size. */
    get notes() {
      return this.#plan.notes;
    }

    /**
     * Sets parameters, by `STYLE.PARAM`, or by `PARAM` alone where one style has it. They hold from the next frame on.
     * @param {Object<string, number|boolean|string>} values Numbers; flags; names of choices; colours as `#rrggbb`.
     * @throws {RuntimeError} For a parameter that does not exist or cannot change, and for a value that it cannot have.
     */
    setParams(values) {
      const params = this.params;
      const set = Object.entries(values).map(([name, value]) => {
        const named = params.filter(({ id, label }) => id === name || label === name);
        const [param] = named;
        if (named.length !== 1) {
          throw new RuntimeError(`There is no parameter ${name}${named.length ? " alone: several styles have it" : ""}.`,
            `Parameters: ${params.map(({ id }) => id).join(", ")}.`);
        }
        if (param.change === "fixed" || param.change === "track") {
          throw new RuntimeError(`${param.id} cannot change: ${param.why ?? "it follows a track"}.`, "Export the style again with another value.");
        }
        return [param.id, checkedValue(param, value)];
      });
      for (const [id, value] of set) this.#values.set(id, value);
      this.#dirty = true;
    }

    /** Begins another stream: forgets all frames. The values of parameters stay. */
    reset() {
      const [device, plan] = [this.#device, this.#plan];
      // What is new is zero. Other images are written before they are read.
      for (const image of this.histories ?? []) image.destroy();
      this.histories = plan.histories.map(({ slot }) => makeImage(device, plan.slots[slot]));
      this.groups = new Map();
      this.timeline = new Timeline(plan.depth, plan.behind);
      this.observer = new Observer();
      this.start = null;
    }

    /** Frees what it has on the device. */
    destroy() {
      for (const image of [...this.slots.flat(), ...this.histories, ...this.planes]) image.destroy();
      for (const made of [...this.#files, ...this.blocks, ...this.facts, this.part, this.words]) made.destroy();
      this.intake.destroy();
      this.context?.unconfigure();
    }

    /**
     * Shows the pictures that come out on a canvas, from now on.
     * @param {HTMLCanvasElement|OffscreenCanvas} canvas It gets the size of the pictures.
     */
    showOn(canvas) {
      const device = this.#device;
      const format = navigator.gpu.getPreferredCanvasFormat();
      [canvas.width, canvas.height] = this.output;
      this.context = canvas.getContext("webgpu");
      this.context.configure({ device, format, alphaMode: "opaque" });
      const module = device.createShaderModule({ code: SHOW });
      this.show = device.createRenderPipeline({
        layout: "auto",
        vertex: { module, entryPoint: "corner" },
        fragment: { module, entryPoint: "pixel", targets: [{ format }] },
      });
      this.showGroup = device.createBindGroup({
        layout: this.show.getBindGroupLayout(0),
        entries: [
          { binding: 0, resource: { buffer: this.words } },
          { binding: 1, resource: { buffer: uniform(device, new Uint32Array([...this.output, 0, 0])) } },
        ],
      });
    }

    /**
     * Gives it the next frame.
     * @param {Uint8Array|Uint8ClampedArray|ImageData|CanvasImageSource} source Bytes of red, green, blue and one that is
     *   not read, row after row, of the plan's size; or a picture of any size, whose middle part is taken.
     * @param {{ pts?: number, seconds?: number, duration?: number }} [time] When it is shown: in ticks of the time base, or in
     *   seconds. Without it, a frame at the nominal rate after the one before.
     * @returns {Promise<?{ pts: number, duration: number }>} The frame that has come out, an earlier one where the style
     *   looks ahead; null where none has.
     */
    async frame(source, time = {}) {
      const timeline = this.timeline;
      const pts = this.#ticksOf(time);
      this.start ??= pts;
      const index = timeline.count;
      const planes = this.planes[index % this.planes.length];
      const observation = this.#take(source, planes);
      const before = timeline.newest;
      const goesOn = before !== undefined && !observation.cut;
      const began = goesOn ? before.began : pts;
      const ticks = pts - this.start;
      const { timeBase: [num, den], rate, seed } = this.#options;
      const seconds = (ticks * num) / den;
      timeline.push({
        index,
        pts,
        duration: time.duration ?? 0,
        began,
        seconds,
        facts: {
          time: seconds,
          phase: 0,
          fields: 0,
          seed,
          noise: pcg3d([seed, ticks >>> 0, Math.floor(ticks / 4294967296) >>> 0])[0],
          cut: truth(observation.cut),
          noise_level: observation.noiseLevel,
          history_valid: truth(index > 0 && !observation.cut),
          frames_before: 0,
          frames_after: 0,
          fps: rate[1] ? rate[0] / rate[1] : 0,
          frame: numberAt(ticks, [num, den], rate),
          age: goesOn ? before.facts.age + 1 : 0,
          time_in_scene: ((pts - began) * num) / den,
          // Each step has its own, as a constant.
          scale: 0,
        },
      });
      return this.#submit();
    }

    /**
     * Ends the stream: gives the frames that are still to come out to `each`, one after the other.
     * @param {(frame: { pts: number, duration: number }) => (void|Promise<void>)} [each] Called when a frame is out, and waited
     *   for.
     */
    async finish(each = () => {}) {
      while (this.timeline.stepPastEnd()) {
        const out = this.#submit();
        if (out) await each(out);
      }
    }

    /**
     * The picture that came out last, as bytes of red, green, blue and opaque alpha.
     * @returns {Promise<{ width: number, height: number, rgba: Uint8ClampedArray }>}
     */
    async read() {
      const device = this.#device;
      const [width, height] = this.output;
      const { size } = this.words;
      const staging = device.createBuffer({ size, usage: GPUBufferUsage.MAP_READ | GPUBufferUsage.COPY_DST });
      const encoder = device.createCommandEncoder();
      encoder.copyBufferToBuffer(this.words, 0, staging, 0, size);
      device.queue.submit([encoder.finish()]);
      await staging.mapAsync(GPUMapMode.READ);
      const rgba = new Uint8ClampedArray(staging.getMappedRange().slice(0));
      staging.destroy();
      for (let at = 3; at < rgba.length; at += 4) rgba[at] = 255;
      return { width, height, rgba };
    }

    #ticksOf({ pts, seconds }) {
      const { timeBase: [num, den], rate } = this.#options;
      if (pts !== undefined) return pts;
      if (seconds !== undefined) return Math.round((seconds * den) / num);
      const before = this.timeline.newest;
      const each = Math.round((den * rate[1]) / (num * rate[0]));
      return before ? before.pts + Math.max(each, 1) : 0;
    }

    /** Writes a picture to the planes; what is measured of it. */
    #take(source, planes) {
      const { cuts, noise, scene } = this.#plan.observed;
      const observes = cuts || noise || Boolean(scene);
      let bytes = ArrayBuffer.isView(source) ? source : source instanceof ImageData ? source.data : null;
      if (bytes && bytes.length !== 4 * this.width * this.height) {
        throw new RuntimeError(`A picture of ${bytes.length} bytes was given to a plan for ${this.width}x${this.height}.`,
          "Give four bytes for each pixel.");
      }
      if (!bytes && !observes) {
        this.intake.write(source, planes);
        return { cut: false, noiseLevel: 0 };
      }
      bytes ??= this.intake.bytes(source);
      this.#device.queue.writeBuffer(planes, 0, bytes.buffer, bytes.byteOffset, bytes.byteLength);
      return observes ? this.observer.observe(bytes, this.width, this.height) : { cut: false, noiseLevel: 0 };
    }

    /** Has all lanes work on their frames; the frame that comes out. */
    #submit() {
      const [device, plan] = [this.#device, this.#plan];
      const frames = plan.lanes.map((delay, lane) => this.timeline.at(delay, plan.across_cuts[lane]));
      frames.forEach((frame, lane) => frame && this.#writeFacts(lane, frame.facts));
      this.#writeParams(frames);
      const encoder = device.createCommandEncoder();
      const pass = encoder.beginComputePass();
      plan.steps.forEach((step, index) => {
        const frame = frames[step.lane];
        if (!frame) return;
        const { pipelines } = this.#steps[index];
        pass.setBindGroup(0, this.#frameGroup(step.lane, frame));
        pass.setBindGroup(1, this.#stepGroup(index, frame));
        if (step.slot === null) pass.setBindGroup(2, this.wordsGroup);
        step.entries.forEach(({ groups }, entry) => {
          pass.setPipeline(pipelines[entry]);
          pass.dispatchWorkgroups(...groups);
        });
      });
      pass.end();
      plan.histories.forEach(({ slot, lane }, history) => {
        if (frames[lane]) copyImage(encoder, this.#written(slot, frames[lane]), this.histories[history]);
      });
      const out = frames[plan.lanes.indexOf(plan.latency)];
      if (out && this.context) this.#draw(encoder);
      device.queue.submit([encoder.finish()]);
      return out ? { pts: out.pts, duration: out.duration } : null;
    }

    #draw(encoder) {
      const view = this.context.getCurrentTexture().createView();
      const pass = encoder.beginRenderPass({ colorAttachments: [{ view, loadOp: "clear", storeOp: "store" }] });
      pass.setPipeline(this.show);
      pass.setBindGroup(0, this.showGroup);
      pass.draw(3);
      pass.end();
    }

    #writeFacts(lane, facts) {
      const words = this.#description.facts.map(([name, type]) => (type === "f32" ? bitsOf(facts[name]) : facts[name] >>> 0));
      this.#device.queue.writeBuffer(this.facts[lane], 0, new Uint32Array(words));
    }

    /** Writes the blocks of parameters that have changed. */
    #writeParams(frames) {
      if (!this.#dirty && !this.moves) return;
      const known = new Map();
      const at = (seconds) => {
        if (!known.has(seconds)) known.set(seconds, this.#formulasAt(seconds));
        return known.get(seconds);
      };
      let waiting = false;
      this.#plan.blocks.forEach(({ follows }, block) => {
        if (follows.length === 0) return;
        const frame = frames[this.blockLanes[block]];
        if (!frame) {
          waiting = true;
          return;
        }
        const values = at(frame.seconds);
        const words = this.written[block];
        for (const { word, formula } of follows) words[word] = bitsOf(values[formula]);
        this.#device.queue.writeBuffer(this.blocks[block], 0, words);
      });
      this.#dirty = waiting;
    }

    /** The values of all formulas at a time. */
    #formulasAt(seconds) {
      const params = new Map(this.params.map((param) => [param.id, param]));
      const curves = this.#plan.curves.map((curve) => {
        const param = params.get(curve.param);
        const live = param.change === "free" || param.change === "between";
        const value = live ? numbersOf(param, param.value)[curve.component] : keyed(curve, seconds);
        return curve.whole ? round(value) : value;
      });
      const values = [];
      for (const formula of this.#plan.formulas) {
        values.push(formula.steps ? evaluated(formula.steps, values) : curves[formula.curve] * formula.factor);
      }
      this.#formulas = values;
      return values;
    }

    /** The values of all formulas as they were used last, for tests. */
    get formulas() {
      return this.#formulas;
    }

    #written(slot, frame) {
      return this.slots[slot][frame.index % this.slots[slot].length];
    }

    /** The image in a slot, of the frame at an offset, or the nearest of its scene. */
    #place(slot, frame, offset) {
      const { frames_before: before, frames_after: after } = frame.facts;
      const count = this.slots[slot].length;
      const index = frame.index + Math.min(Math.max(offset, -before), after);
      return ((index % count) + count) % count;
    }

    #group(key, layout, resources) {
      const known = this.groups.get(key);
      if (known) return known;
      const entries = resources().map((resource, binding) => ({ binding, resource }));
      const made = this.#device.createBindGroup({ layout, entries });
      this.groups.set(key, made);
      return made;
    }

    #frameGroup(lane, frame) {
      const at = frame.index % this.planes.length;
      const buffers = [this.facts[lane], this.part, this.planes[at]];
      return this.#group(`frame ${lane} ${at}`, this.frameLayout, () => buffers.map((buffer) => ({ buffer })));
    }

    #stepGroup(index, frame) {
      const step = this.#plan.steps[index];
      const place = (binding) => {
        switch (binding.kind) {
          case "image": return this.#place(binding.slot, frame, binding.offset);
          case "written": return frame.index % this.slots[step.slot].length;
          default: return 0;
        }
      };
      const places = step.bindings.map(place);
      const resource = (binding, at) => {
        switch (binding.kind) {
          case "params": return { buffer: this.blocks[binding.block] };
          case "image": return this.slots[binding.slot][places[at]].bound;
          case "history": return this.histories[binding.history].bound;
          case "file": return this.#files[binding.file].createView();
          case "table": return { buffer: this.#files[binding.file] };
          default: return this.slots[step.slot][places[at]].bound;
        }
      };
      return this.#group(`step ${index} ${places}`, this.#steps[index].layout, () => step.bindings.map(resource));
    }
  }

  /** A value that a parameter can have, as it is kept. */
  function checkedValue(param, value) {
    const wrong = (expected) => new RuntimeError(`${param.id} cannot be ${value}.`, `Give ${expected}.`);
    switch (param.type) {
      case "flag": return Boolean(value);
      case "choice":
        if (!param.choices.includes(value)) throw wrong(`one of ${param.choices.join(", ")}`);
        return value;
      case "color":
        if (!/^#[0-9a-f]{6}$/i.test(value)) throw wrong("a colour as #rrggbb");
        return value.toLowerCase();
      default: {
        const number = Number(value);
        const fits = number >= param.min && number <= param.max;
        if (!fits || (param.type === "integer" && !Number.isInteger(number))) {
          throw wrong(`a ${param.type === "integer" ? "whole " : ""}number from ${param.min} to ${param.max}`);
        }
        return number;
      }
    }
  }

  /**
   * Makes a style that runs one of the plans of a description.
   * @param {GPUDevice} device As {@link openDevice} gives it.
   * @param {object} description What `aquatint shader export` wrote.
   * @param {object} [options]
   * @param {number} [options.plan] Which plan; {@link nearestPlan} finds the one for a picture.
   * @param {HTMLCanvasElement|OffscreenCanvas} [options.canvas] Where pictures are shown.
   * @param {[number, number]} [options.timeBase] Seconds per tick of `pts`, as numerator and denominator.
   * @param {[number, number]} [options.rate] The nominal rate in frames per second.
   * @param {number} [options.seed] The seed of noise and grain.
   * @returns {Promise<Style>}
   * @throws {RuntimeError} Where a shader does not compile, or the device has too little memory.
   */
  async function create(device, description, options = {}) {
    check(description);
    const plan = description.plans[options.plan ?? 0];
    const given = { timeBase: plan.timeBase, rate: plan.rate, seed: 0, ...options };
    const steps = await Promise.all(plan.steps.map((step) => compiled(device, description, plan, step)));
    device.pushErrorScope("out-of-memory");
    device.pushErrorScope("validation");
    const style = new Style(device, description, plan, steps, given);
    const invalid = await device.popErrorScope();
    const full = await device.popErrorScope();
    if (full) throw new RuntimeError("The graphics card has too little free memory.", "Close other pages, or take a smaller size.");
    if (invalid) throw new RuntimeError(`WebGPU refuses the style: ${invalid.message}`, "Please report this with the name of the browser.");
    return style;
  }

  /**
   * The index of the plan whose shape is nearest to a picture's; of equal ones the largest.
   * @param {object} description
   * @param {number} width
   * @param {number} height
   */
  function nearestPlan(description, width, height) {
    const far = (plan) => Math.abs(Math.log((plan.width / plan.height) / (width / height)));
    const better = (a, b) => far(a) - far(b) || b.width * b.height - a.width * a.height;
    const [best] = [...description.plans].sort(better);
    return description.plans.indexOf(best);
  }

  globalThis.AquatintRuntime = Object.freeze({ RuntimeError, openDevice, create, nearestPlan, neededLimits, cover, extentOf });
})();
