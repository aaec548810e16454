/**
 * A form that was refused since it needs a step-up: its fields are kept, and sent again after it.
 */
import { z } from 'zod'

/** Target and fields of a form. Names may repeat. */
export interface RefusedForm {
  readonly action: string
  readonly fields: readonly (readonly [name: string, value: string])[]
}

const maxLength = 16_384
const fieldsForm = z.array(z.tuple([z.string().max(100), z.string()])).max(100)

/**
 * A form of the account or developer pages, without passwords. Undefined for others and long ones.
 */
export function keptForm(action: string, body: Readonly<Record<string, unknown>>): RefusedForm | undefined {
  if (!isOwnForm(action)) return undefined
  const fields = Object.entries(body).flatMap(([name, value]) =>
    [value].flat().flatMap((each) => (typeof each === 'string' ? [[name, each] as const] : [])),
  )
  if (fields.some(([name]) => /password/i.test(name))) return undefined
  return JSON.stringify(fields).length > maxLength ? undefined : { action, fields }
}

const isOwnForm = (action: string) => /^\/(?:account|developer)\/[\w/.~%-]{1,300}$/.test(action)

export const hiddenFields = ({ action, fields }: RefusedForm): Record<string, string> => ({
  repeat: action,
  fields: JSON.stringify(fields),
})

/** The form in the hidden fields; undefined if `keptForm` did not write them. */
export function refusedFormOf(repeat: string | undefined, fields: string | undefined): RefusedForm | undefined {
  if (repeat === undefined || fields === undefined || !isOwnForm(repeat) || fields.length > maxLength) return undefined
  const parsed = fieldsForm.safeParse(jsonOf(fields)).data
  return parsed && { action: repeat, fields: parsed }
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The page that a form is on: where a new sign-in leads back to. */
export function pageOfForm(action: string): string {
  const [, section = '', second = '', third] = action.split('/')
  if (section === 'developer')
    return second === 'apps' && third !== undefined ? `/developer/apps/${third}` : '/developer'
  return second === '' ? '/account' : `/account/${second}`
}
