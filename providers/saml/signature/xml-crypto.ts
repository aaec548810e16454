/**
 * Registers algorithms that xml-crypto lacks: ECDSA, and SHA-384. node-saml creates its own
 * `SignedXml` objects, so they are added to the shared tables.
 * https://github.com/node-saml/xml-crypto#customizing-algorithms
 */
import { createHash, createPublicKey } from 'node:crypto'
import { C14nCanonicalization, type HashAlgorithm, type SignatureAlgorithm, SignedXml } from 'xml-crypto'
import { digestAlgorithms, inclusiveCanonicalizations, signatureAlgorithms } from '../xml/names.ts'
import { isMadeBy } from './signature.ts'

let isRegistered = false

/** Affects every `SignedXml` of the process. */
export function registerAlgorithms(): void {
  if (isRegistered) return
  isRegistered = true
  registerAlgorithm('findSignatureAlgorithm', 'SignatureAlgorithms', signatureAlgorithm)
  registerAlgorithm('findHashAlgorithm', 'HashAlgorithms', hashAlgorithm)
  registerAlgorithm('findCanonicalizationAlgorithm', 'CanonicalizationAlgorithms', canonicalization)
}

type Known = 'SignatureAlgorithms' | 'HashAlgorithms' | 'CanonicalizationAlgorithms'

function registerAlgorithm(method: string, known: Known, find: (name: string) => object | undefined): void {
  const original: unknown = Reflect.get(SignedXml.prototype, method)
  if (typeof original !== 'function') throw new Error(`xml-crypto has no ${method}`)
  Object.assign(SignedXml.prototype, {
    [method](this: SignedXml, name: unknown): unknown {
      const isNew = typeof name === 'string' && !Object.hasOwn(this[known], name)
      return (isNew ? find(name) : undefined) ?? original.call(this, name)
    },
  })
}

function signatureAlgorithm(name: string): SignatureAlgorithm | undefined {
  const known = signatureAlgorithms.get(name)
  if (known === undefined) return undefined
  return {
    getAlgorithmName: () => name,
    getSignature: () => {
      throw new Error(`${name} is verified, not made`)
    },
    verifySignature: (material: string, key: unknown, value: unknown) =>
      isMadeBy(createPublicKey(String(key)), known, Buffer.from(material), Buffer.from(String(value), 'base64')),
  }
}

/** Canonical XML 1.1 differs from 1.0 only in `xml:` attributes, which signature.ts refuses. */
function canonicalization(name: string): C14nCanonicalization | undefined {
  return inclusiveCanonicalizations.includes(name) ? new C14nCanonicalization() : undefined
}

function hashAlgorithm(name: string): HashAlgorithm | undefined {
  const hash = digestAlgorithms.get(name)
  if (hash === undefined) return undefined
  return { getAlgorithmName: () => name, getHash: (xml) => createHash(hash).update(xml).digest('base64') }
}
