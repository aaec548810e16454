/** A process that writes to the SQLite file until killed and prints what was committed. */
import { KeyRing } from '../../../src/crypto/keyring.ts'
import { isStoreUnavailable } from '../../../src/store/failure.ts'
import { openEmbedded } from '../../../src/store/sqlite/embedded.ts'

const [file = '', key = '', label = '', max = '100000'] = process.argv.slice(2)
const now = () => new Date()
/** The store refuses a write if the machine stalls for a second: a client tries it again. */
async function retried(write: () => Promise<unknown>): Promise<void> {
  for (let tries = 0; ; tries += 1)
    try {
      await write()
      return
    } catch (error) {
      if (!isStoreUnavailable(error) || tries === 20) throw error
    }
}

const { durable, volatile } = await openEmbedded({ file, keyRing: new KeyRing([Buffer.from(key, 'hex')]), now })
for (let count = 0; count < Number(max); count += 1) {
  const profile = { name: `${label} ${count}` }
  const user = { id: `${label}-${count}`, tenant: 'written', status: 'active', profile, emailProven: false } as const
  const identity = { issuer: label, subject: `${count}`, connection: 'okta', profile, lastLoginAt: now() }
  await retried(() => durable.users.create({ ...user, createdAt: now() }, identity))
  await retried(() => volatile.browsers.put(user.id, label, 600))
  process.stdout.write(`${user.id}\n`)
}
await Promise.all([durable.close(), volatile.close()])
