/** Fails when oidc-provider changes what src/oidc/library-internals.ts replaces or relies on. */
import { createHash } from 'node:crypto'
import { createRequire } from 'node:module'
import Library from 'oidc-provider'
import { describe, expect, it } from 'vitest'
import { verified } from '../../src/oidc/library-internals.ts'

const require = createRequire(import.meta.url)
const provider = new Library('https://login.test')

/** The function or accessor at a path such as `Client.prototype.clientAuthMethod`. */
function memberAt(path: string): unknown {
  const names = path.split('.')
  const owner = names.slice(0, -1).reduce<object>((object, name) => Reflect.get(object, name), provider)
  const name = names.at(-1) ?? ''
  return Object.getOwnPropertyDescriptor(owner, name)?.get ?? Reflect.get(owner, name)
}

const fingerprint = (member: unknown) => createHash('sha256').update(String(member)).digest('hex').slice(0, 12)

describe('oidc-provider', () => {
  it('has the version that was verified', () => {
    expect(require('oidc-provider/package.json').version).toBe(verified.version)
  })

  it.each(Object.entries(verified.functions))('%s has the source text that was reviewed', (path, reviewed) => {
    expect(memberAt(path)).toBeTypeOf('function')
    expect(fingerprint(memberAt(path))).toBe(reviewed)
  })

  it('registers its response modes by the public method, so that a subclass can wrap them', () => {
    const names: string[] = []
    class Recording extends Library {
      override registerResponseMode(name: string): void {
        names.push(name)
      }
    }
    new Recording('https://login.test')
    expect(names).toEqual(expect.arrayContaining(['query', 'fragment', 'form_post']))
  })

  it('assigns parsed forms to a property that its context class does not define', () => {
    expect(Object.hasOwn(provider.OIDCContext.prototype, 'body')).toBe(false)
  })
})
