// Elements made in code.

const SVG = "http://www.w3.org/2000/svg";

function fill(node, properties, children) {
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name.startsWith("on")) node.addEventListener(name.slice(2), value);
    else if (name === "class") node.setAttribute("class", value);
    else if (name in node && !(node instanceof SVGElement) && name !== "list") node[name] = value;
    else node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return node;
}

/** An HTML element with properties, listeners (`onclick`) and children. */
export function el(tag, properties = {}, ...children) {
  return fill(document.createElement(tag), properties, children);
}

/** An SVG element with attributes and children. */
export function svg(tag, attributes = {}, ...children) {
  return fill(document.createElementNS(SVG, tag), attributes, children);
}

/** The element with this id. */
export function byId(id) {
  return document.getElementById(id);
}

// Outlines on a grid of 16 by 16.
const PATHS = {
  play: "M4 2.5v11l9-5.5z",
  pause: "M4 3h3v10H4zM9 3h3v10H9z",
  previous: "M3 3h2v10H3zM13 3v10L6 8z",
  next: "M11 3h2v10h-2zM3 3v10l7-5z",
  reset: "M8 3a5 5 0 1 1-4.6 3l1.4.6A3.5 3.5 0 1 0 8 4.5V7L4.5 3.8 8 .5z",
  key: "M8 1.5 14.5 8 8 14.5 1.5 8zm0 2.1L3.6 8 8 12.4 12.4 8z",
  keyed: "M8 1.5 14.5 8 8 14.5 1.5 8z",
  remove: "M3.5 4.6 4.6 3.5 8 6.9l3.4-3.4 1.1 1.1L9.1 8l3.4 3.4-1.1 1.1L8 9.1l-3.4 3.4-1.1-1.1L6.9 8z",
  plus: "M7.2 3h1.6v4.2H13v1.6H8.8V13H7.2V8.8H3V7.2h4.2z",
  minus: "M3 7.2h10v1.6H3z",
  swap: "M5 2.5 1.5 6 5 9.5V7h6V5H5zM11 6.5 14.5 10 11 13.5V11H5V9h6z",
  up: "M8 3.2 13 8.2l-1.1 1.1L8.8 6.2V13H7.2V6.2L4.1 9.3 3 8.2z",
  down: "M8 12.8 3 7.8l1.1-1.1 3.1 3.1V3h1.6v6.8l3.1-3.1L13 7.8z",
  top: "M3 2.2h10v1.6H3zM8 5l4.6 4.6-1.1 1.1-2.7-2.7V14H7.2V8L4.5 10.7 3.4 9.6z",
  grip: "M5 3h2v2H5zM9 3h2v2H9zM5 7h2v2H5zM9 7h2v2H9zM5 11h2v2H5zM9 11h2v2H9z",
  again: "M8 3a5 5 0 1 1-4.6 3l1.4.6A3.5 3.5 0 1 0 8 4.5V7L4.5 3.8 8 .5z",
  copies: "M5 2h8v9h-1.5V3.5H5zM3 4.5h7.5V14H3z",
  folder: "M2 3.5h4.2l1.5 1.6H14v7.4H2z",
  sound: "M2 6h2.6L8 3v10L4.6 10H2zM10 5.2l1-1.1a5.4 5.4 0 0 1 0 7.8l-1-1.1a3.9 3.9 0 0 0 0-5.6z",
  picture: "M2 3h12v10H2zm1.5 1.5v5.6L6.2 7.6l2.2 2.2 1.7-1.6 2.4 2.3v-6z",
  film: "M2 3h12v10H2zm1.2 1.2v1.4h1.4V4.2zm0 3v1.6h1.4V7.2zm0 3.2v1.4h1.4v-1.4zm8.2-6.2v1.4h1.4V4.2zm0 3v1.6h1.4V7.2zm0 3.2v1.4h1.4v-1.4zM6 4.4v7.2h4V4.4z",
  other: "M4 1.8h5.4L12.5 5v9.2H4zm1.4 1.4v9.6h5.7V5.8H8.6V3.2z",
};

/** A small picture of a button. The button itself has the name. */
export function icon(name) {
  return svg(
    "svg",
    { viewBox: "0 0 16 16", class: "icon", "aria-hidden": "true", focusable: "false" },
    svg("path", { d: PATHS[name] }),
  );
}

/** A button with a name for people who do not see the icon. */
export function iconButton(name, label, onclick, more = {}) {
  return el("button", { type: "button", class: "icon-button", title: label, "aria-label": label, onclick, ...more }, icon(name));
}
