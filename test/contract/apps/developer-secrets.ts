/** What every durable store must do for the client secrets of developers. */
import { randomUUID } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import type { ClientSecret } from '../../../src/app/app.ts'
import { secretHash } from '../../../src/crypto/token.ts'
import { sampleTenant, secondsFromNow, simultaneously } from '../../support/store/samples.ts'
import type { BothDurables } from '../open-store.ts'

const sampleOwner = () => ({ tenant: sampleTenant(), userId: randomUUID() })

function sampleSecret(changes: Partial<ClientSecret> = {}): ClientSecret {
  const id = randomUUID()
  const times = { createdAt: new Date(), expiresAt: undefined }
  return { id, sealed: Buffer.from(`sealed ${id}`).toString('base64'), hash: secretHash(id), ...times, ...changes }
}

const unused = (secret: ClientSecret) => ({ ...secret, lastUsedAt: undefined })

export function developerSecretsContract(both: () => BothDurables): void {
  describe('developer secrets', () => {
    it('returns a stored secret by its owner and by its hash', async () => {
      const [store, other] = both()
      const owner = sampleOwner()
      expect(await store.developerSecrets.ofUser(owner.tenant, owner.userId)).toEqual({ revision: 0, secrets: [] })
      const secret = sampleSecret()
      expect(await store.developerSecrets.replace(owner, 0, [secret])).toBe(true)
      const set = { revision: 1, secrets: [unused(secret)] }
      expect(await other.developerSecrets.ofUser(owner.tenant, owner.userId)).toStrictEqual(set)
      expect(await other.developerSecrets.findByHash(secret.hash)).toStrictEqual({ owner, secret: unused(secret) })
      expect(await other.developerSecrets.findByHash(secretHash('unknown'))).toBeNull()
    })

    it.each([0, 1])('replaces the secrets for one of 50 concurrent callers at revision %i', async (revision) => {
      const [store, other] = both()
      const owner = sampleOwner()
      if (revision === 1) await store.developerSecrets.replace(owner, 0, [sampleSecret()])
      const secrets = Array.from({ length: 50 }, () => sampleSecret())
      const changed = await simultaneously(both(), 50, (each, turn) =>
        each.developerSecrets.replace(owner, revision, [secrets[turn]!]),
      )
      expect(changed.filter(Boolean)).toHaveLength(1)
      const winner = unused(secrets[changed.indexOf(true)]!)
      const set = { revision: revision + 1, secrets: [winner] }
      expect(await other.developerSecrets.ofUser(owner.tenant, owner.userId)).toEqual(set)
      const found = await Promise.all(secrets.map(({ hash }) => store.developerSecrets.findByHash(hash)))
      expect(found.filter((each) => each !== null)).toEqual([{ owner, secret: winner }])
    })

    it('retires a secret and removes it, newest first, with its use', async () => {
      const [store, other] = both()
      const owner = sampleOwner()
      const old = sampleSecret({ createdAt: secondsFromNow(-60) })
      await store.developerSecrets.replace(owner, 0, [old])
      const at = new Date()
      await other.developerSecrets.recordUse(old.hash, at)
      const next = sampleSecret()
      const retired = { ...old, expiresAt: secondsFromNow(3600) }
      expect(await other.developerSecrets.replace(owner, 1, [next, retired])).toBe(true)
      const secrets = [unused(next), { ...retired, lastUsedAt: at }]
      expect(await store.developerSecrets.ofUser(owner.tenant, owner.userId)).toEqual({ revision: 2, secrets })
      expect(await store.developerSecrets.replace(owner, 2, [])).toBe(true)
      expect(await other.developerSecrets.ofUser(owner.tenant, owner.userId)).toEqual({ revision: 3, secrets: [] })
      expect(await other.developerSecrets.findByHash(old.hash)).toBeNull()
    })

    it('SE-09 leaves the secrets of another user and tenant alone', async () => {
      const [store] = both()
      const owner = sampleOwner()
      const others = [
        { ...owner, userId: randomUUID() },
        { ...owner, tenant: sampleTenant() },
      ]
      for (const each of [owner, ...others]) await store.developerSecrets.replace(each, 0, [sampleSecret()])
      await store.developerSecrets.replace(owner, 1, [])
      for (const { tenant, userId } of others)
        expect((await store.developerSecrets.ofUser(tenant, userId)).secrets).toHaveLength(1)
    })

    it('records the last use of a secret to the minute, and never an earlier one', async () => {
      const [store, other] = both()
      const [owner, secret, at] = [sampleOwner(), sampleSecret(), new Date()]
      await store.developerSecrets.replace(owner, 0, [secret])
      const used = async (seconds: number) => {
        await store.developerSecrets.recordUse(secret.hash, new Date(at.getTime() + seconds * 1000))
        const found = await other.developerSecrets.findByHash(secret.hash)
        return (found!.secret.lastUsedAt!.getTime() - at.getTime()) / 1000
      }
      expect(await used(0)).toBe(0)
      expect(await used(59)).toBe(0)
      expect(await used(60)).toBe(60)
      expect(await used(-3600)).toBe(60)
    })
  })
}
