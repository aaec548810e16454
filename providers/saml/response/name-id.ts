/** The NameID of an assertion or a logout request (SAML core 2.2.3). */
import { nameIdFormats, namespaces } from '../xml/names.ts'
import { attributeOf, childrenOf, textIn, type XmlElement } from '../xml/xml.ts'
import { type CheckRecorder, type Expected, filled } from './checks.ts'

const maxNameIdLength = 256 // SAML core 8.3.7

export interface NameId {
  readonly value: string
  readonly format: string
  readonly qualifier: string | undefined
  /** Its attributes as received, which logout requests repeat. */
  readonly written: Readonly<Record<string, string>>
}

/** Some send an empty NameID where they have none. */
const isEmpty = ({ children }: XmlElement) =>
  children.every((child) => typeof child === 'string' && child.trim() === '')

/** @param open decrypts an EncryptedID; without it, encrypted names are ignored */
export function nameIdOf(
  subject: XmlElement,
  { issuer, entityId }: Pick<Expected, 'issuer' | 'entityId'>,
  check: CheckRecorder,
  open?: (encrypted: XmlElement) => XmlElement,
): NameId | undefined {
  const encrypted = open === undefined ? [] : childrenOf(subject, namespaces.assertion, 'EncryptedID')
  const plain = childrenOf(subject, namespaces.assertion, 'NameID')
  const names = [...plain, ...encrypted.flatMap((each) => open?.(each) ?? [])].filter((name) => !isEmpty(name))
  if (names.length === 0) return undefined
  const [nameId] = names
  const value = textIn(nameId)
  const isName =
    names.length === 1 && value !== undefined && value.length <= maxNameIdLength && /^\P{Cc}+$/u.test(value)
  const otherName = names.length > 1 ? `${names.length}` : 'something else'
  check('NameID', isName, 'one, a text', isName ? 'one, a text' : otherName)
  const spNameQualifier = filled(attributeOf(nameId, 'SPNameQualifier')) ?? entityId
  check('SPNameQualifier of the NameID', spNameQualifier === entityId, entityId, spNameQualifier)
  const qualifier = filled(attributeOf(nameId, 'NameQualifier'))
  return {
    value: value ?? '',
    format: filled(attributeOf(nameId, 'Format')) ?? nameIdFormats.unspecified,
    qualifier: qualifier === issuer ? undefined : qualifier,
    written: Object.fromEntries(
      ['Format', 'NameQualifier', 'SPNameQualifier'].flatMap((name) => {
        const got = attributeOf(nameId, name)
        return got === undefined ? [] : [[name, got]]
      }),
    ),
  }
}
