/** `/account/name`: shows and changes the user's own name. */
import { z } from 'zod'
import { editProfile } from '../../../broker/identity/account/edit-profile.ts'
import { withQuery } from '../../../http/destination.ts'
import { redirect, sendPage } from '../../../http/respond.ts'
import { editsOf, withoutEdits } from '../../../profile/merge.ts'
import { editableAttributes } from '../../../profile/profile.ts'
import type { Call, PartsOf } from '../../shell.ts'
import { requireSession } from '../../sign-in/current-session.ts'
import { type OpenAccountPorts, openAccount } from '../open-account.ts'
import { namePage } from './name-page.tsx'

type NamePorts = OpenAccountPorts & PartsOf<typeof editProfile>

export const namePath = '/account/name'

const field = z.string().max(256).optional()
export const nameForm = z.object({ name: field, givenName: field, familyName: field })

export async function showName(call: Call<NamePorts>): Promise<void> {
  const account = await openAccount(call, namePath)
  if (account === null) return
  const { session, viewer } = account
  const profile = (await call.shell.parts.users.find(session.tenant, session.userId))?.profile ?? {}
  const [edits, supplied] = [editsOf(profile), withoutEdits(profile)]
  const fields = editableAttributes.map((attribute) => ({
    attribute,
    value: profile[attribute] ?? '',
    isEdited: edits[attribute] !== undefined,
    supplied: supplied[attribute],
  }))
  sendPage(call.response, 200, namePage({ viewer, fields }))
}

export async function submitName(call: Call<NamePorts>, form: z.output<typeof nameForm>): Promise<void> {
  const { users } = call.shell.parts
  const session = await requireSession(call)
  const profile = (await users.find(session.tenant, session.userId))?.profile ?? {}
  const [edits, supplied] = [editsOf(profile), withoutEdits(profile)]
  // a field that repeats what the sign-in methods supply is no edit
  const isUnchanged = (name: keyof typeof form) => edits[name] === undefined && form[name] === (supplied[name] ?? '')
  const changed = editableAttributes.filter((name) => form[name] !== undefined && !isUnchanged(name))
  await editProfile(call.shell.parts, session, Object.fromEntries(changed.map((name) => [name, form[name]])))
  redirect(call.response, withQuery('/account', { notice: 'saved' }))
}

export async function resetName(call: Call<NamePorts>): Promise<void> {
  const none = { name: null, givenName: null, familyName: null }
  await editProfile(call.shell.parts, await requireSession(call), none)
  redirect(call.response, withQuery('/account', { notice: 'reset' }))
}
