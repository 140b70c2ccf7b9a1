// Attention as pictures on canvases: a small one of every head, a large one of the chosen matrix, and the
// text itself, shaded by what one token looks at. Whatever came from a text is drawn with fillText or set as
// textContent; nothing here makes markup.

const SIDE = 520; // the large picture's width and height at most, in pixels, without its labels
const GUTTER = 96; // room for the labels of its rows and columns
const CLOSE = 32; // cells on a side after looking closer
const LABEL = 13; // pixels that a label needs
const LONGEST_PASSAGE = 2000; // tokens
const RIGHT_TO_LEFT = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/;

const ramp = (steps) => {
  const rgb = steps.map((hex) => [1, 3, 5].map((at) => parseInt(hex.slice(at, at + 2), 16)));
  return Array.from({ length: 256 }, (_, i) => {
    const at = (i / 255) * (rgb.length - 1);
    const low = Math.min(Math.floor(at), rgb.length - 2);
    return rgb[low].map((from, k) => Math.round(from + (at - low) * (rgb[low + 1][k] - from)));
  });
};

// A picture of `level(i)`, whole numbers that name colours.
const image = (width, height, colours, level) => {
  const canvas = new OffscreenCanvas(Math.max(width, 1), Math.max(height, 1));
  const pen = canvas.getContext("2d");
  const pixels = pen.createImageData(canvas.width, canvas.height);
  const packed = new Uint32Array(new Uint8ClampedArray(colours.flatMap((rgb) => [...rgb, 255])).buffer);
  const dots = new Uint32Array(pixels.data.buffer);
  for (let i = 0; i < width * height; i++) dots[i] = packed[level(i)];
  pen.putImageData(pixels, 0, 0);
  return canvas;
};

const sharp = (canvas, width, height) => {
  const dots = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * dots);
  canvas.height = Math.round(height * dots);
  canvas.style.width = `${width}px`;
  canvas.style.height = `${height}px`;
  const pen = canvas.getContext("2d");
  pen.setTransform(dots, 0, 0, dots, 0, 0);
  return pen;
};

const written = (weight, digits) => weight.toFixed(digits).replace("-", "\u2212");

const shorten = (text, most) => ([...text].length > most ? `${[...text].slice(0, most - 1).join("")}…` : text);

const unpack = async (bytes) => {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  const buffer = await new Response(stream).arrayBuffer();
  const length = new DataView(buffer).getUint32(0, true);
  const head = JSON.parse(new TextDecoder().decode(new Uint8Array(buffer, 4, length)));
  let at = 4 + length;
  const take = (count) => new Uint8Array(buffer, (at += count) - count, count);
  const rows = head.rows.cells;
  const scales = new Float32Array(take(4 * rows).slice().buffer);
  const levels = take(rows * head.columns.cells);
  const mosaic = head.heads ? take(head.heads.width * head.heads.height) : null;
  return { ...head, scales, levels, mosaic };
};

// Whether a row of the matrix says something about every token of the one text.
const isReadable = ({ text, columns, tokens }) =>
  text && columns.step === 1 && columns.cells === tokens.length && tokens.length <= LONGEST_PASSAGE;

// The small pictures of all heads: hover tells what one does, a click or an arrow key opens it.
const overview = (root, given, open) => {
  const panel = root.querySelector(".heads");
  root.querySelector(".side").hidden = !given.heads && !isReadable(given);
  panel.hidden = !given.heads;
  if (!given.heads) return;
  const { layers, heads, step, side, width, height, notes } = given.heads;
  const canvas = panel.querySelector("canvas");
  const says = panel.querySelector(".says");
  const colours = ramp(given.colours.magnitude);
  const gap = ramp([given.colours.background, given.colours.border])[140];
  const picture = image(width, height, [gap, ...colours.slice(1)], (i) => given.mosaic[i]);
  let [layer, head] = [given.heads.layer, given.heads.head];
  const left = 30;
  const top = 20;
  const scale = Math.min((Math.min(panel.clientWidth, 400) - left - 4) / width, 520 / height);
  const tell = (i, j) => (says.textContent = notes[i][j]);

  const draw = () => {
    const pen = sharp(canvas, left + width * scale + 4, top + height * scale + 4);
    pen.imageSmoothingEnabled = false;
    pen.drawImage(picture, left, top, width * scale, height * scale);
    pen.fillStyle = given.colours.muted;
    pen.font = `12px ${given.font}`;
    pen.textBaseline = "middle";
    const every = Math.ceil(LABEL / (step * scale));
    for (let i = 0; i < layers; i += every) {
      pen.textAlign = "right";
      pen.fillText(i + 1, left - 6, top + (i * step + side / 2) * scale);
    }
    const across = Math.ceil(18 / (step * scale));
    for (let j = 0; j < heads; j += across) {
      pen.textAlign = "center";
      pen.fillText(j + 1, left + (j * step + side / 2) * scale, top - 10);
    }
    pen.strokeStyle = given.colours.text;
    pen.lineWidth = 2;
    const frame = (side + 2) * scale;
    pen.strokeRect(left + (head * step - 1) * scale, top + (layer * step - 1) * scale, frame, frame);
  };
  const at = (event) => {
    const j = Math.floor((event.offsetX - left) / scale / step);
    const i = Math.floor((event.offsetY - top) / scale / step);
    return i >= 0 && j >= 0 && i < layers && j < heads ? [i, j] : null;
  };
  const choose = (i, j) => {
    if (i < 0 || j < 0 || i >= layers || j >= heads || (i === layer && j === head)) return;
    [layer, head] = [i, j];
    draw();
    tell(i, j);
    open({ layer: i + 1, head: j + 1 });
  };
  canvas.onmousemove = (event) => tell(...(at(event) || [layer, head]));
  canvas.onmouseleave = () => tell(layer, head);
  canvas.tabIndex = given.still ? -1 : 0;
  canvas.style.cursor = given.still ? "default" : "pointer";
  canvas.onclick = (event) => !given.still && at(event) && choose(...at(event));
  canvas.onkeydown = (event) => {
    if (given.still) return;
    const move = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] }[event.key];
    if (!move) return;
    event.preventDefault();
    choose(layer + move[0], head + move[1]);
  };
  tell(layer, head);
  draw();
};

// The large picture and the text below it.
const matrix = (root, given, zoom) => {
  const panel = root.querySelector(".matrix");
  const canvas = panel.querySelector("canvas");
  const says = panel.querySelector(".says");
  const whole = panel.querySelector(".whole");
  const { rows, columns, tokens, numbers, levels, scales, top, bottom, colours, signed } = given;
  const palette = ramp(colours.steps);
  const value = (i, j) => {
    const level = levels[i * columns.cells + j];
    return (signed ? (level - 128) / 127 : level / 255) * scales[i];
  };
  const step = (weight) => Math.max(0, Math.min(255, Math.round((255 * (weight - bottom)) / (top - bottom))));
  const picture = image(columns.cells, rows.cells, palette, (i) =>
    step(value(Math.floor(i / columns.cells), i % columns.cells)),
  );
  const full = { row: 0, column: 0, rows: rows.cells, columns: columns.cells };
  let view = full;
  let over = null;
  let pinned = null;
  const width = Math.max(160, Math.min(SIDE, panel.clientWidth - GUTTER - 4));

  const tokensOf = (axis, cell) => {
    const first = axis.start + cell * axis.step;
    return [first, Math.min(first + axis.step, axis.end) - 1];
  };
  const name = (axis, cell, most) => {
    const [first, last] = tokensOf(axis, cell);
    const label = shorten(axis.tokens[first], most);
    return first === last ? `“\u2068${label}\u2069” (${axis.numbers[first]})`
      : `“\u2068${label}\u2069” … (${axis.numbers[first]}–${axis.numbers[last]})`;
  };
  const down = { ...rows, tokens: tokens, numbers };
  const across = { ...columns, tokens: given.others || tokens, numbers: given.otherNumbers || numbers };
  const cellSize = () => [width / view.columns, Math.min(width / view.rows, 40)];

  const draw = () => {
    const [wide, high] = cellSize();
    const height = high * view.rows;
    const pen = sharp(canvas, GUTTER + width + 2, height + GUTTER);
    pen.fillStyle = colours.background;
    pen.fillRect(0, 0, GUTTER + width + 2, height + GUTTER);
    pen.imageSmoothingEnabled = wide < 2;
    pen.drawImage(picture, view.column, view.row, view.columns, view.rows, GUTTER, 0, width, height);
    if (wide >= 10) {
      pen.fillStyle = colours.background;
      for (let j = 1; j < view.columns; j++) pen.fillRect(GUTTER + j * wide - 0.5, 0, 1, height);
      for (let i = 1; i < view.rows; i++) pen.fillRect(GUTTER, i * high - 0.5, width, 1);
    }
    pen.textBaseline = "middle";
    const label = (axis, cell, marked) => {
      pen.font = `${marked ? 600 : 400} 12px ${given.font}`;
      pen.fillStyle = marked ? colours.text : colours.muted;
      return shorten(axis.tokens[tokensOf(axis, cell)[0]], 13);
    };
    pen.textAlign = "right";
    const sparse = Math.ceil(LABEL / high);
    for (let i = 0; i < view.rows; i++) {
      const marked = over && over[0] === view.row + i;
      if (i % sparse && !marked) continue;
      if (!marked && over && Math.abs(over[0] - view.row - i) * high < LABEL) continue;
      pen.fillText(label(down, view.row + i, marked), GUTTER - 6, Math.max(7, (i + 0.5) * high), GUTTER - 8);
    }
    const few = Math.ceil(LABEL / wide);
    for (let j = 0; j < view.columns; j++) {
      const marked = over && over[1] === view.column + j;
      if (j % few && !marked) continue;
      if (!marked && over && Math.abs(over[1] - view.column - j) * wide < LABEL) continue;
      pen.save();
      pen.translate(GUTTER + (j + 0.5) * wide, height + 6);
      pen.rotate(-Math.PI / 3);
      pen.fillText(label(across, view.column + j, marked), 0, 0, GUTTER - 8);
      pen.restore();
    }
    if (over) {
      const [x, y] = [GUTTER + (over[1] - view.column) * wide, (over[0] - view.row) * high];
      pen.strokeStyle = colours.text;
      pen.lineWidth = 1.5;
      pen.strokeRect(x - 0.5, y - 0.5, Math.max(wide, 3) + 1, Math.max(high, 3) + 1);
    }
    whole.hidden = view === full && (given.still || rows.cells * rows.step >= tokens.length);
  };

  const passage = root.querySelector(".passage");
  const spans = [];
  const shadeText = (row) => {
    spans.forEach((span, j) => {
      const weight = row === null ? 0 : value(row, j);
      const [red, green, blue] = palette[step(weight)];
      span.style.background = row === null ? "" : `rgb(${red},${green},${blue})`;
      span.style.color = row !== null && (weight - bottom) / (top - bottom) > 0.6 ? colours.background : "";
      span.classList.toggle("from", j === row);
    });
  };
  root.querySelector(".hint").hidden = passage.hidden = !isReadable(given);
  passage.replaceChildren();
  passage.dir = tokens.filter((token) => RIGHT_TO_LEFT.test(token)).length > tokens.length / 2 ? "rtl" : "ltr";
  if (!passage.hidden) {
    tokens.forEach((token, i) => {
      const span = document.createElement("span");
      span.textContent = token;
      span.dir = "auto";
      span.onmouseenter = () => tellRow(i);
      span.onclick = () => tellRow((pinned = pinned === i ? null : i));
      spans.push(span);
    });
    passage.append(...spans.flatMap((span) => [span, " "]));
    passage.onmouseleave = () => tellRow(pinned);
  }
  const rest = rows.step > 1
    ? `Each cell stands for ${rows.step} × ${rows.step} tokens and shows their largest weight. Click to look closer.`
    : `Point at a cell to read it${rows.cells > CLOSE ? ", click to look closer" : ""}.`;
  const tellRow = (row) => {
    over = null;
    if (row === null) says.textContent = rest;
    else {
      let best = row === 0 ? 1 : 0;
      for (let j = 0; j < columns.cells; j++) if (j !== row && value(row, j) > value(row, best)) best = j;
      const most = columns.cells > 1 ? `, most of all at ${name(across, best, 24)}: ${written(value(row, best), 3)}` : "";
      says.textContent = `${name(down, row, 24)} ${given.verb}${most}`;
    }
    shadeText(row);
    draw();
  };
  const at = (event) => {
    const [wide, high] = cellSize();
    const j = Math.floor((event.offsetX - GUTTER) / wide);
    const i = Math.floor(event.offsetY / high);
    return i >= 0 && j >= 0 && i < view.rows && j < view.columns ? [view.row + i, view.column + j] : null;
  };
  canvas.onmousemove = (event) => {
    over = at(event);
    if (!over) return tellRow(pinned);
    const weight = value(...over);
    const digits = Math.abs(weight) < 0.0995 ? 4 : 3;
    const least = rows.step > 1 ? "at most " : "";
    says.textContent = `from ${name(down, over[0], 24)} to ${name(across, over[1], 24)}: ${least}${written(weight, digits)}`;
    shadeText(over[0]);
    draw();
  };
  canvas.onmouseleave = () => tellRow(pinned);
  canvas.onclick = (event) => {
    const cell = at(event);
    if (!cell) return;
    if (rows.step > 1) return given.still || zoom(tokensOf(rows, cell[0])[0], tokensOf(columns, cell[1])[0]);
    if (view !== full) view = full;
    else if (Math.max(rows.cells, columns.cells) > CLOSE) {
      const from = (middle, count) => Math.max(0, Math.min(count - CLOSE, middle - CLOSE / 2));
      view = {
        row: from(cell[0], rows.cells), column: from(cell[1], columns.cells),
        rows: Math.min(CLOSE, rows.cells), columns: Math.min(CLOSE, columns.cells),
      };
    }
    over = null;
    draw();
  };
  whole.onclick = () => {
    if (view !== full) view = full;
    else zoom(null, null);
    draw();
  };
  panel.querySelector(".png").onclick = () =>
    canvas.toBlob((blob) => {
      const link = document.createElement("a");
      link.href = URL.createObjectURL(blob);
      link.download = `${given.file}.png`;
      link.click();
      setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    });
  panel.querySelector(".title").textContent = given.title;
  canvas.setAttribute("aria-label", given.alt);
  const bar = panel.querySelector(".bar");
  const middle = (signed ? [bottom, 0, top] : [0, top / 2, top]).map((weight) => written(weight, top < 0.2 ? 3 : 2));
  bar.querySelector(".ramp").style.background = `linear-gradient(90deg, ${colours.steps.join(",")})`;
  bar.querySelectorAll("span").forEach((span, i) => {
    span.textContent = (given.clipped && i === 2 ? "≥ " : given.clipped && signed && i === 0 ? "≤ " : "") + middle[i];
  });
  tellRow(null);
};

export default function ({ data, parentElement, setTriggerValue }) {
  const root = parentElement.querySelector(".assay-attention");
  let gone = false;
  let wide = 0;
  let given = null;
  const draw = () => {
    root.style.setProperty("--text", given.colours.text);
    root.style.setProperty("--muted", given.colours.muted);
    root.style.setProperty("--border", given.colours.border);
    root.style.setProperty("--accent", given.colours.accent);
    root.style.fontFamily = given.font;
    overview(root, given, (chosen) => setTriggerValue("pick", chosen));
    matrix(root, given, (row, column) => setTriggerValue("zoom", { row, column }));
    root.dataset.drawn = given.title;
  };
  const watch = new ResizeObserver(() => {
    if (given && root.clientWidth && root.clientWidth !== wide) {
      wide = root.clientWidth;
      draw();
    }
  });
  unpack(data).then((found) => {
    if (gone) return;
    given = found;
    wide = root.clientWidth;
    draw();
    watch.observe(root);
  });
  return () => {
    gone = true;
    watch.disconnect();
  };
}
