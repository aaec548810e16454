/**
 * A strict XML parser for untrusted text: one pass, no backtracking, limited depth and count.
 * Document types, entities, comments, processing instructions and CDATA are refused, so accepted
 * text means the same to every parser.
 */
import { decoded, malformedError, noXml, XmlFault } from './characters.ts'

export interface XmlAttribute {
  readonly name: string
  readonly local: string
  /** Empty for an attribute without a prefix, as the XML recommendation defines. */
  readonly namespace: string
  readonly value: string
}

export interface XmlElement {
  readonly name: string
  readonly prefix: string
  readonly local: string
  readonly namespace: string
  readonly attributes: readonly XmlAttribute[]
  /** Prefixes declared by this element; '' is the default namespace. */
  readonly declared: ReadonlyMap<string, string>
  readonly children: readonly (XmlElement | string)[]
  readonly parent: XmlElement | undefined
  /** Offsets in the text: `<` of the start tag, and after `>` of the end tag. */
  readonly start: number
  readonly end: number
}

export interface XmlDocument {
  readonly root: XmlElement
  /** The document with normalized newlines. Offsets refer to this text. */
  readonly text: string
  readonly elements: readonly XmlElement[]
}

export interface XmlLimits {
  readonly depth: number
  readonly elements: number
  readonly attributes: number
  /** As metadata needs: ignores comments and instructions, reads CDATA, allows any encoding. */
  readonly lenient?: boolean
}

type Open = { -readonly [K in keyof XmlElement]: XmlElement[K] } & {
  children: (XmlElement | string)[]
  parent: Open | undefined
}

const part = '[A-Za-z_][\\w.-]{0,127}'
const name = `${part}(?::${part})?`
const startTag = new RegExp(`<(${name})`, 'y')
const endTag = new RegExp(`</(${name})[ \\t\\n]*>`, 'y')
const attribute = new RegExp(`[ \\t\\n]+(${name})[ \\t\\n]*=[ \\t\\n]*(?:"([^"<]*)"|'([^'<]*)')`, 'y')
const startTagEnd = /[ \t\n]*(\/?)>/y
const declared = (key: string, value: string) => `${key}[ \\t\\n]*=[ \\t\\n]*(?:"${value}"|'${value}')`
const declaration = new RegExp(
  `^<\\?xml[ \\t\\n]+${declared('version', '1\\.\\d')}(?:[ \\t\\n]+${declared('encoding', '([A-Za-z][\\w.-]{0,40})')})?` +
    `(?:[ \\t\\n]+${declared('standalone', '(?:yes|no)')})?[ \\t\\n]*\\?>`,
)
const xmlNamespace = 'http://www.w3.org/XML/1998/namespace'
const xmlnsNamespace = 'http://www.w3.org/2000/xmlns/'

/** Throws `XmlFault`. */
export function readXml(given: string, limits: XmlLimits): XmlDocument {
  const text = given.replace(/\r\n?/g, '\n')
  if (noXml.test(text)) throw new XmlFault('characters', 'those of XML', 'others')
  return new Reader(text, limits).read()
}

class Reader {
  readonly #text: string
  readonly #limits: XmlLimits
  readonly #elements: XmlElement[] = []
  #attributes = 0
  #depth = 0
  #open: Open | undefined
  #at: number

  constructor(text: string, limits: XmlLimits) {
    this.#text = text
    this.#limits = limits
    this.#at = declarationEnd(text, limits)
  }

  read(): XmlDocument {
    const text = this.#text
    while (this.#at < text.length) {
      const next = text.indexOf('<', this.#at)
      const until = next === -1 ? text.length : next
      if (until > this.#at) this.#takeText(text.slice(this.#at, until))
      this.#at = until
      if (next === -1) break
      const sign = text.charCodeAt(next + 1)
      if (sign === 0x2f) this.#closeElement()
      else if (sign === 0x21 || sign === 0x3f) this.#skipOther()
      else this.#openElement()
    }
    const [root] = this.#elements
    if (this.#open !== undefined || root === undefined) throw malformedError('an element that does not end, or none')
    return { root, text, elements: this.#elements }
  }

  /** Matches here and moves behind it. */
  #next(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at
    const found = pattern.exec(this.#text)
    if (found !== null) this.#at = pattern.lastIndex
    return found
  }

  #takeText(raw: string): void {
    if (this.#open !== undefined) {
      if (raw.includes(']]>')) throw malformedError(']]> in text')
      this.#open.children.push(decoded(raw))
    } else if (/[^ \t\n]/.test(raw)) throw malformedError('text outside the root')
  }

  #openElement(): void {
    const parent = this.#open
    if (this.#elements.length > 0 && parent === undefined) throw new XmlFault('root elements', '1', 'more')
    const start = this.#at
    const tag = this.#next(startTag)?.[1]
    if (tag === undefined) throw malformedError('a < that begins no element')
    const element: Open = { ...emptyElement, name: tag, children: [], parent, start }
    const raw = this.#readAttributes()
    this.#attributes += raw.size
    const { elements, attributes } = this.#limits
    if (this.#elements.length >= elements) throw new XmlFault('elements', `at most ${elements}`, 'more')
    if (this.#attributes > attributes) throw new XmlFault('attributes', `at most ${attributes}`, 'more')
    bind(element, raw)
    this.#elements.push(element)
    parent?.children.push(element)
    const end = this.#next(startTagEnd)
    if (end === null) throw malformedError('a tag that is not finished')
    if (end[1] === '/') element.end = this.#at
    else this.#descend(element)
  }

  #descend(element: Open): void {
    const { depth } = this.#limits
    this.#depth += 1
    if (this.#depth > depth) throw new XmlFault('depth', `at most ${depth}`, 'deeper')
    this.#open = element
  }

  #readAttributes(): ReadonlyMap<string, string> {
    const raw = new Map<string, string>()
    for (let found = this.#next(attribute); found !== null; found = this.#next(attribute)) {
      const [, key = '', double, single] = found
      if (raw.has(key)) throw malformedError('an attribute twice')
      if (raw.size >= 64) throw new XmlFault('attributes of one element', 'at most 64', 'more')
      raw.set(key, decoded((double ?? single ?? '').replace(/[\t\n]/g, ' ')))
    }
    return raw
  }

  #closeElement(): void {
    const tag = this.#next(endTag)?.[1]
    if (this.#open === undefined || tag !== this.#open.name) throw malformedError('an end without its beginning')
    this.#open.end = this.#at
    this.#open = this.#open.parent
    this.#depth -= 1
  }

  #skipOther(): void {
    const [text, at] = [this.#text, this.#at]
    const kind = otherKinds.find(([begin]) => text.startsWith(begin, at))
    if (kind === undefined) throw new XmlFault('document type', 'none', 'present')
    const [begin, end, what] = kind
    const isProlog = this.#limits.lenient && this.#open === undefined // behind a comment
    if (/^<\?xml[ \t\n]/.test(text.slice(at, at + 6)) && !isProlog)
      throw new XmlFault('XML declaration', declarationRule, 'another')
    if (!this.#limits.lenient) throw new XmlFault(what, 'none', 'present')
    const stop = text.indexOf(end, at + begin.length)
    if (stop === -1) throw malformedError('a comment that does not end')
    if (begin === '<![CDATA[') this.#takeCharacters(text.slice(at + begin.length, stop))
    this.#at = stop + end.length
  }

  #takeCharacters(characters: string): void {
    if (this.#open === undefined) throw malformedError('text outside the root')
    this.#open.children.push(characters)
  }
}

const otherKinds = [
  ['<!--', '-->', 'comments'],
  ['<![CDATA[', ']]>', 'CDATA sections'],
  ['<?', '?>', 'processing instructions'],
] as const

const declarationRule = 'one of XML 1.0 or 1.1 at the start'

/** @returns the offset after the declaration. Lenient text has been decoded already. */
function declarationEnd(text: string, { lenient }: XmlLimits): number {
  const found = declaration.exec(text)
  const encoding = found?.[1] ?? found?.[2]
  if (!lenient && encoding !== undefined && !isReadAsUtf8(encoding, text))
    throw new XmlFault('encoding', 'UTF-8', encoding)
  return found?.[0].length ?? 0
}

/**
 * The text was UTF-8, so it is not UTF-16, which .NET's StringWriter declares. ASCII is the same in
 * ISO-8859 and Windows encodings.
 */
function isReadAsUtf8(encoding: string, text: string): boolean {
  if (/^(utf-?(8|16)|us-ascii|ascii)$/i.test(encoding)) return true
  // biome-ignore lint/suspicious/noControlCharactersInRegex: ASCII has them
  return /^(iso-8859-\d{1,2}|windows-125\d)$/i.test(encoding) && /^[\x00-\x7f]*$/.test(text)
}

const emptyElement = { prefix: '', local: '', namespace: '', attributes: [], declared: new Map(), end: 0 }

function bind(element: Open, raw: ReadonlyMap<string, string>): void {
  element.declared = declarationsOf(raw)
  const { prefix, local } = split(element.name)
  element.prefix = prefix
  element.local = local
  element.namespace = namespaceOf(element, prefix)
  const attributes: XmlAttribute[] = []
  const expanded = new Set<string>()
  for (const [key, value] of raw) {
    if (key === 'xmlns' || key.startsWith('xmlns:')) continue
    const parts = split(key)
    const namespace = parts.prefix === '' ? '' : namespaceOf(element, parts.prefix)
    if (expanded.has(`${namespace} ${parts.local}`)) throw malformedError('an attribute twice')
    expanded.add(`${namespace} ${parts.local}`)
    attributes.push({ name: key, local: parts.local, namespace, value })
  }
  element.attributes = attributes
}

const nothingDeclared: ReadonlyMap<string, string> = new Map()

function declarationsOf(raw: ReadonlyMap<string, string>): ReadonlyMap<string, string> {
  let declared: Map<string, string> | undefined
  for (const [key, value] of raw) {
    if (key !== 'xmlns' && !key.startsWith('xmlns:')) continue
    const prefix = key.slice('xmlns:'.length)
    const reserved = prefix === 'xmlns' || (prefix === 'xml') !== (value === xmlNamespace) || value === xmlnsNamespace
    if (reserved || (value === '' && prefix !== '')) throw malformedError('a namespace that cannot be declared')
    declared ??= new Map()
    declared.set(prefix, value)
  }
  return declared ?? nothingDeclared
}

function split(qualified: string): { readonly prefix: string; readonly local: string } {
  const colon = qualified.indexOf(':')
  return { prefix: colon === -1 ? '' : qualified.slice(0, colon), local: qualified.slice(colon + 1) }
}

/** Throws for an undeclared prefix. */
export function namespaceOf(element: XmlElement, prefix: string): string {
  if (prefix === 'xml') return xmlNamespace
  for (let place: XmlElement | undefined = element; place !== undefined; place = place.parent) {
    const bound = place.declared.get(prefix)
    if (bound !== undefined) return bound
  }
  if (prefix !== '') throw malformedError('a prefix without a namespace')
  return ''
}

export function childrenOf(element: XmlElement, namespace: string, local: string): readonly XmlElement[] {
  return elementsIn(element).filter((child) => child.local === local && child.namespace === namespace)
}

export function elementsIn(element: XmlElement): readonly XmlElement[] {
  return element.children.filter((child) => typeof child !== 'string')
}

export function rootOf(element: XmlElement): XmlElement {
  return element.parent === undefined ? element : rootOf(element.parent)
}

/** The value of an attribute without a prefix. */
export function attributeOf(element: XmlElement | undefined, local: string): string | undefined {
  return element?.attributes.find((attribute) => attribute.local === local && attribute.namespace === '')?.value
}

/** The text of an element that contains only text, otherwise undefined. */
export function textIn(element: XmlElement | undefined): string | undefined {
  if (element === undefined || elementsIn(element).length > 0) return undefined
  const text = element.children.join('').trim()
  return text === '' ? undefined : text
}
