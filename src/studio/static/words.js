// The texts of the pages. They lie in one file, texts.json: the server uses it for its templates, and gives it as a module.

import texts from "/texts.js";

/** All texts, by page. */
export const t = texts;

/** A text with its `{names}` replaced by values. */
export function fit(text, values = {}) {
  return text.replace(/\{(\w+)\}/g, (whole, name) => (Object.hasOwn(values, name) ? String(values[name]) : whole));
}

/** A text that has a form for one and a form for more: `{"one": "1 file", "more": "{n} files"}`. */
export function many(forms, n, values = {}) {
  return fit(n === 1 ? forms.one : forms.more, { n: whole.format(n), ...values });
}

const whole = new Intl.NumberFormat("en", { maximumFractionDigits: 0 });
