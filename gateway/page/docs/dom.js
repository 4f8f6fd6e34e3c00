// Elements without markup in strings: text is text, whatever the document says.

/** An element with these attributes and children; strings become text, `null` is left out. */
export function element(name, attributes = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (key.startsWith('on')) made.addEventListener(key.slice(2), value);
    else if (value !== false && value != null) made.setAttribute(key, value === true ? '' : value);
  }
  made.append(...children.flat().filter((child) => child != null));
  return made;
}

/** A sentence in which `code` stands between back quotes. */
export function prose(text) {
  const parts = (text ?? '').split('`');
  return parts.map((part, place) => (place % 2 ? element('code', {}, part) : part));
}
