/** A few words for building documents; everything that comes from outside goes in as text. */

type Content = Node | string | undefined | false;
type Attributes = Readonly<Record<string, string | number | boolean | undefined | ((event: Event) => void)>>;

/**
 * An HTML element. An attribute that is a function listens to the event of its name; `true` sets an
 * attribute without a value, `false` and undefined set none.
 */
export function h<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...content: Content[]
): HTMLElementTagNameMap[Name] {
  return furnish(document.createElement(name), attributes, content);
}

/** An SVG element, as {@link h} makes HTML ones. */
export function svg<Name extends keyof SVGElementTagNameMap>(
  name: Name,
  attributes: Attributes = {},
  ...content: Content[]
): SVGElementTagNameMap[Name] {
  return furnish(document.createElementNS('http://www.w3.org/2000/svg', name), attributes, content);
}

/** The element with this id. @throws where the document has none of this kind */
export function byId<Kind extends Element>(id: string, kind: new () => Kind): Kind {
  const element = document.getElementById(id);
  if (element instanceof kind) return element;
  throw new Error(`the page has no ${kind.name} #${id}`);
}

/** A number that CSS reads as `var(--name)`. The policy of the page forbids style attributes. */
export function withVariable<Kind extends HTMLElement | SVGElement>(
  element: Kind,
  name: string,
  value: string,
): Kind {
  element.style.setProperty(`--${name}`, value);
  return element;
}

function furnish<Kind extends Element>(element: Kind, attributes: Attributes, content: Content[]): Kind {
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === 'function') element.addEventListener(name, value);
    else if (value !== undefined && value !== false)
      element.setAttribute(name, value === true ? '' : `${value}`);
  }
  element.append(...content.filter((item): item is Node | string => item !== undefined && item !== false));
  return element;
}
