/** New signing keys replace the provider. */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import type { KeySet } from '../../src/broker/keys/signing-keys.ts'
import { openLog } from '../../src/main/log.ts'
import { openIdProvider } from '../../src/oidc/lazy-provider.ts'
import { type TestGatehouse, waitOptions } from '../support/gatehouse/test-gatehouse.ts'
import { startProviderServer } from '../support/oidc/relying-parties.ts'

let server: TestGatehouse
beforeAll(async () => {
  server = await startProviderServer()
})
afterAll(() => server.stop())

describe('a provider whose keys change', () => {
  it('keeps answering with the old keys while the new one cannot be built, and retries', async () => {
    const { parts, tenants } = server.core
    const good = await server.core.keys.current()
    let stated: (keys: KeySet) => void = () => {}
    const errors: string[] = []
    let ahead = 0
    const log = openLog('error', { write: (line) => void errors.push(line) })
    const now = () => new Date(Date.now() + ahead)
    const openId = openIdProvider(
      {
        ...parts,
        tenants,
        now,
        onTouchFailed: () => {},
        cookie: { name: 'unused', domain: undefined, path: '/', sameSite: 'lax', secure: true, persistent: true },
        log,
      },
      {
        current: async () => good,
        onChange: (listener) => {
          stated = listener
        },
      },
    )
    await openId.prepare()
    stated({ ...good, keys: [...good.keys, ...good.keys] }) // the library takes no key twice
    await vi.waitFor(() => expect(errors).toHaveLength(1), waitOptions)
    await openId.prepare() // answered, and not tried yet
    expect(errors).toHaveLength(1)
    ahead = 31_000
    await openId.prepare()
    await vi.waitFor(() => expect(errors).toHaveLength(2), waitOptions)
    await openId.prepare()
  })
})
