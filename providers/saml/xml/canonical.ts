/**
 * XML canonicalization of an element, exclusive (xml-exc-c14n) or inclusive (xml-c14n).
 * xml.ts reads no comments, so the variants with comments are the same.
 */
import { namespaceOf, type XmlElement } from './xml.ts'

export interface CanonicalOptions {
  /** Leaves out this child: the signature within the signed element. */
  readonly without?: XmlElement
  /** `InclusiveNamespaces`; '' is the default namespace. */
  readonly inclusive?: readonly string[]
  /** Inclusive, with namespaces declared up to this ancestor. Default: exclusive. */
  readonly scope?: XmlElement | undefined
}

type Rendered = ReadonlyMap<string, string>
const none: Rendered = new Map()

export function canonical(element: XmlElement, options: CanonicalOptions = {}): string {
  const parts: string[] = []
  write(element, none, options, parts)
  return parts.join('')
}

function write(element: XmlElement, rendered: Rendered, options: CanonicalOptions, parts: string[]): void {
  const fresh =
    options.scope === undefined
      ? namespacesToRender(element, rendered, options.inclusive ?? [])
      : inclusiveNamespaces(element, rendered, options.scope)
  parts.push('<', element.name)
  for (const [prefix, namespace] of fresh)
    parts.push(prefix === '' ? ' xmlns="' : ` xmlns:${prefix}="`, escapedValue(namespace), '"')
  const attributes =
    element.attributes.length < 2
      ? element.attributes
      : element.attributes.toSorted(
          (one, other) => compare(one.namespace, other.namespace) || compare(one.local, other.local),
        )
  for (const { name, value } of attributes) parts.push(' ', name, '="', escapedValue(value), '"')
  parts.push('>')
  const isLeaf = element.children.every((child) => typeof child === 'string')
  const isSame = isLeaf || (fresh.length === 0 && rendered !== none)
  const below = isSame ? rendered : new Map([...rendered, ...fresh])
  for (const child of element.children) {
    if (typeof child === 'string') parts.push(escapedText(child))
    else if (child !== options.without) write(child, below, options, parts)
  }
  parts.push('</', element.name, '>')
}

/** Used prefixes, and inclusive ones in scope, unless an ancestor rendered the same. */
function namespacesToRender(
  element: XmlElement,
  rendered: Rendered,
  inclusive: readonly string[],
): readonly (readonly [string, string])[] {
  // the common case: no attributes, and the parent's prefix
  if (element.attributes.length === 0 && inclusive.length === 0 && isRendered(element, rendered)) return nothing
  const used = new Set([element.prefix])
  for (const { name } of element.attributes) if (name.includes(':')) used.add(name.slice(0, name.indexOf(':')))
  for (const prefix of inclusive) if (inScope(element, prefix)) used.add(prefix)
  used.delete('xml')
  return [...used]
    .map((prefix) => [prefix, namespaceOf(element, prefix)] as const)
    .filter(([prefix, namespace]) => (rendered.get(prefix) ?? '') !== namespace)
    .toSorted(([one], [other]) => compare(one, other))
}

/** Namespaces to write: all in scope at the outermost element, newly declared ones below it. */
function inclusiveNamespaces(
  element: XmlElement,
  rendered: Rendered,
  scope: XmlElement,
): readonly (readonly [string, string])[] {
  const declared = rendered === none ? declaredUpTo(element, scope) : element.declared
  return [...declared]
    .filter(([prefix, namespace]) => prefix !== 'xml' && (rendered.get(prefix) ?? '') !== namespace)
    .toSorted(([one], [other]) => compare(one, other))
}

/** The namespace of a prefix by declarations up to `scope`; empty if there is none. */
export function namespaceWithin(element: XmlElement, prefix: string, scope: XmlElement): string {
  for (let place: XmlElement | undefined = element; place !== undefined; place = place.parent) {
    const namespace = place.declared.get(prefix)
    if (namespace !== undefined || place === scope) return namespace ?? ''
  }
  return ''
}

/** The nearest declaration of each prefix up to `scope`. */
export function declaredUpTo(element: XmlElement, scope: XmlElement): ReadonlyMap<string, string> {
  const declared = new Map<string, string>()
  for (let place: XmlElement | undefined = element; place !== undefined; place = place.parent) {
    for (const [prefix, namespace] of place.declared) if (!declared.has(prefix)) declared.set(prefix, namespace)
    if (place === scope) break
  }
  return declared
}

const nothing: readonly (readonly [string, string])[] = []

function isRendered(element: XmlElement, rendered: Rendered): boolean {
  return (rendered.get(element.prefix) ?? '') === element.namespace
}

function inScope(element: XmlElement, prefix: string): boolean {
  for (let place: XmlElement | undefined = element; place !== undefined; place = place.parent)
    if (place.declared.has(prefix)) return true
  return false
}

function compare(one: string, other: string): number {
  return one < other ? -1 : one > other ? 1 : 0
}

const textSigns: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '\r': '&#xD;' }

function escapedText(text: string): string {
  return /[&<>\r]/.test(text) ? text.replace(/[&<>\r]/g, (sign) => textSigns[sign] ?? sign) : text
}

const valueSigns: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '"': '&quot;',
  '\t': '&#x9;',
  '\n': '&#xA;',
  '\r': '&#xD;',
}

function escapedValue(value: string): string {
  return /[&<"\t\n\r]/.test(value) ? value.replace(/[&<"\t\n\r]/g, (sign) => valueSigns[sign] ?? sign) : value
}
