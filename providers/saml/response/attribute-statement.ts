/** The attributes of an assertion by name (SAML core 2.7.3). */
import { refuse } from '../failure.ts'
import { namespaces } from '../xml/names.ts'
import { attributeOf, childrenOf, elementsIn, textIn, type XmlElement } from '../xml/xml.ts'

/** @param open decrypts an EncryptedAttribute */
export function attributesOf(
  assertion: XmlElement,
  open: (encrypted: XmlElement) => XmlElement,
): ReadonlyMap<string, readonly string[]> {
  const elements = childrenOf(assertion, namespaces.assertion, 'AttributeStatement').flatMap((statement) => [
    ...childrenOf(statement, namespaces.assertion, 'Attribute'),
    ...encryptedIn(statement).map(open),
  ])
  const named = elements.map((attribute) => ({
    name: wordIn(attribute, 'Name'),
    friendly: wordIn(attribute, 'FriendlyName'),
    values: childrenOf(attribute, namespaces.assertion, 'AttributeValue').flatMap(valuesIn),
  }))
  const attributes = new Map<string, readonly string[]>()
  const add = (name: string, values: readonly string[]) =>
    attributes.set(name, [...(attributes.get(name) ?? []), ...values])
  for (const { name, friendly, values } of named) {
    const known = name ?? friendly
    if (known !== undefined) add(known, values)
  }
  for (const { friendly, values } of named)
    if (friendly !== undefined && !attributes.has(friendly)) attributes.set(friendly, values)
  return attributes
}

/** Each costs a private-key operation. */
const maxEncrypted = 50

function encryptedIn(statement: XmlElement): readonly XmlElement[] {
  const encrypted = childrenOf(statement, namespaces.assertion, 'EncryptedAttribute')
  if (encrypted.length > maxEncrypted) refuse('encrypted attributes', `at most ${maxEncrypted}`, `${encrypted.length}`)
  return encrypted
}

function wordIn(attribute: XmlElement, name: string): string | undefined {
  const text = attributeOf(attribute, name)?.trim() ?? ''
  return text === '' ? undefined : text
}

const instance = 'http://www.w3.org/2001/XMLSchema-instance'

/**
 * Accepts text, NameIDs (eduPersonTargetedID) or one wrapping element; nil is absent. Text mixed
 * with elements is dropped: parsers differ in what it means (SA-41).
 */
function valuesIn(value: XmlElement): readonly string[] {
  const isNil = value.attributes.some(
    ({ local, namespace, value: text }) => local === 'nil' && namespace === instance && /^(true|1)$/.test(text.trim()),
  )
  if (isNil) return []
  const elements = elementsIn(value)
  const text = textIn(value)
  if (elements.length === 0) return text === undefined ? [] : [text]
  const hasText = value.children.some((child) => typeof child === 'string' && child.trim() !== '')
  if (hasText) return []
  const names = elements.filter(({ local, namespace }) => local === 'NameID' && namespace === namespaces.assertion)
  if (names.length === elements.length) return names.flatMap((name) => textIn(name) ?? [])
  const [only] = elements
  return only !== undefined && elements.length === 1 ? valuesIn(only) : []
}
