/**
 * Verifies passwords as fast as they are verified: by our queue and threads, or by Argon2 alone.
 */
import { availableParallelism } from 'node:os'
import { verify } from '@node-rs/argon2'
import { z } from 'zod'
import { concurrencyFor, openHashing } from '../../providers/password/hashing.ts'
import { loadFor } from '../load/load.ts'
import { answerEach } from '../processes.ts'

const orderForm = z.object({ mode: z.enum(['bare', 'ours']), seconds: z.number() })
export type PasswordOrder = Omit<z.infer<typeof orderForm>, 'seconds'>

const workers = concurrencyFor(availableParallelism())
const password = Buffer.from('correct horse battery staple')
const hashing = openHashing({ concurrency: workers, queue: 64 })
const hash = await hashing.hash(password.toString())

answerEach(orderForm, ({ mode, seconds }) => {
  const once = mode === 'ours' ? () => hashing.verify(hash, password.toString()) : () => verify(hash, password)
  return loadFor({ workers, seconds }, () => ({ once }))
})
