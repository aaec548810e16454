/** Recovery codes: made, shown once, downloaded. */
import { z } from 'zod'
import { type CreatedRecoveryCodes, createRecoveryCodes } from '../../../broker/factors/create-recovery-codes.ts'
import { factorsOf } from '../../../broker/factors/factors-of.ts'
import { normalizeRecoveryCode } from '../../../broker/factors/recovery-codes.ts'
import type { Session } from '../../../broker/session/session.ts'
import { redirect, sendDownload, sendPage } from '../../../http/respond.ts'
import { sealedCookie } from '../../../http/sealed-cookie.ts'
import type { Call, PartsOf } from '../../shell.ts'
import { openAccount } from '../open-account.ts'
import { type ChangePorts, openAccountOrRefuse, openForChange } from './open-for-change.ts'
import { recoveryCodesPath, replaceCodesPath } from './paths.ts'
import { recoveryCodesPage, replaceCodesPage } from './recovery-codes-page.tsx'

type CodesPorts = ChangePorts & PartsOf<typeof createRecoveryCodes>
type CodesCall = Call<CodesPorts>

/** On their way to the page that shows them once: reloading it makes no others (SE-12). */
const cookie = sealedCookie({ name: 'gatehouse_new_codes', keptMs: 300_000 })
const cookieForm = z.object({ session: z.string(), codes: z.array(z.string()), replaced: z.boolean() })

export async function showRecoveryCodes(call: CodesCall, notice: string | undefined): Promise<void> {
  const account = await openAccount(call, recoveryCodesPath)
  if (account === null) return
  const { session, viewer } = account
  const { parts } = call.shell
  const { codes, replaced } = takeNewCodes(call, session) ?? {}
  const { totp, passkeys, recoveryCodesLeft: left, recoveryCodesAt: createdAt } = await factorsOf(parts, session)
  const hasFactor = totp.length + passkeys.length > 0
  const html = recoveryCodesPage({ viewer, left, createdAt, hasFactor, codes, replaced, notice, now: parts.now() })
  sendPage(call.response, 200, html)
}

export async function showReplaceCodes(call: CodesCall): Promise<void> {
  const account = await openForChange(call, replaceCodesPath)
  if (account !== null) sendPage(call.response, 200, replaceCodesPage(account))
}

export async function submitNewCodes(call: CodesCall): Promise<void> {
  const account = await openForChange(call, recoveryCodesPath)
  if (account === null) return
  const created = await createRecoveryCodes(call.shell.parts, account.session)
  cookie.write(call.shell, call.response, JSON.stringify({ session: account.session.id, ...created }))
  redirect(call.response, recoveryCodesPath)
}

/** Once, and for the session that made them. */
function takeNewCodes({ shell, request, response }: CodesCall, { id }: Session): CreatedRecoveryCodes | undefined {
  const content = request.method === 'GET' ? cookie.read(shell, request.headers.cookie) : undefined
  if (content === undefined) return undefined
  cookie.clear(shell, response)
  const { data } = cookieForm.safeParse(JSON.parse(content))
  return data?.session === id ? data : undefined
}

export interface DownloadForm {
  readonly codes: string
}

/**
 * The codes that the page shows, as a file: they come with the form, since only hashes are stored.
 */
export async function downloadCodes(call: CodesCall, form: DownloadForm): Promise<void> {
  const account = await openAccountOrRefuse(call, recoveryCodesPath)
  if (account === null) return
  const { session, viewer } = account
  const codes = form.codes.split(' ').filter((code) => normalizeRecoveryCode(code) !== undefined)
  const now = call.shell.parts.now().toISOString().slice(0, 10)
  const lines = [
    `Recovery codes for ${session.profile.email?.address ?? viewer.name} at ${viewer.tenant.name}`,
    `Created ${now}. Each works once, in place of your second factor.`,
    '',
    ...codes,
    '',
  ]
  await sendDownload(call.response, {
    filename: 'recovery-codes.txt',
    type: 'text/plain; charset=utf-8',
    content: textOf(lines.join('\n')),
  })
}

async function* textOf(text: string): AsyncGenerator<string> {
  yield text
}
