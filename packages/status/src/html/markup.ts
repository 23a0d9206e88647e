// Text that is safe inside HTML and SVG, and elements made of it.

/** Markup, as opposed to text that has yet to be escaped. */
export type Markup = { readonly html: string };

type Attributes = { readonly [name: string]: string | number };

export function escaped(text: string): string {
  return text
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll('"', "&quot;");
}

/** Children that are text are escaped. */
export function element(
  name: string,
  attributes: Attributes,
  ...children: readonly (Markup | string)[]
): Markup {
  const written = Object.entries(attributes).map(([key, value]) => {
    const text = typeof value === "number" ? String(Math.round(value * 10) / 10) : escaped(value);
    return ` ${key}="${text}"`;
  });
  const inner = children.map((child) => (typeof child === "string" ? escaped(child) : child.html));
  return { html: `<${name}${written.join("")}>${inner.join("")}</${name}>` };
}

export function together(...parts: readonly Markup[]): Markup {
  return { html: parts.map(({ html }) => html).join("") };
}
