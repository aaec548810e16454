/** `gatehouse users add`: someone whose email the operator vouches for, with a password. */
import { text } from 'node:stream/consumers'
import { enrol } from '../broker/password.ts'
import { canonicalEmail } from '../profile.ts'
import { withCore } from './commands.ts'
import type { Options } from './run.ts'

export async function addUser(options: Options): Promise<number> {
  const { tenant, name } = options
  const email = canonicalEmail(options.email)
  if (tenant === undefined) throw new Error('--tenant is missing')
  if (email === null) throw new Error('--email is missing or is no email address')
  if (!options.passwordFromStdin) throw new Error('give the password on standard input, with --password-stdin')
  const password = (await text(process.stdin)).replace(/\r?\n$/, '')
  return withCore(options, async (core) => {
    const added = await enrol(core.parts, { tenant, email, password, ...(name !== undefined && { name }) })
    process.stdout.write(
      added ? `added ${email} to ${tenant}\n` : `${email} exists in ${tenant}: nothing was changed\n`,
    )
    return 0
  })
}
