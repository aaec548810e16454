/** The form of a new API token. */
import { z } from 'zod'
import { endOfLifetime, yearsOf } from '../../../broker/tokens/lifetime.ts'
import { formatDuration } from '../../../pages/duration-text.ts'
import { Form } from '../../../pages/form.tsx'
import { safeHref } from '../../../pages/layout.tsx'
import { formatDate } from '../../../primitives/time-expression.ts'
import {
  type Choice,
  ChoicesField,
  FaultList,
  FaultsSummary,
  firstFaulty,
  type PageFault,
  TextField,
} from '../../developer/developer-fields.tsx'
import { tokensPath } from './paths.ts'

const text = (max: number) => z.string().max(max).default('')

export const tokenForm = z.object({
  name: text(2048),
  /** A number of days, or `max`. */
  expires: text(8),
  /** Checkboxes: none, one, or many of one name. */
  scopes: z.preprocess((value) => [value ?? []].flat(), z.array(z.string().max(100))),
  /** One a line. */
  ranges: text(8192),
})

/** Values as typed. */
export type TokenFormValues = z.output<typeof tokenForm>

export interface TokenFormProps {
  readonly values: TokenFormValues
  readonly faults: readonly PageFault[]
  readonly expiries: readonly ExpiryChoice[]
  readonly scopes: readonly Choice[]
  /** Set if the last sign-in is too old for long-lived tokens. */
  readonly signInAgainHref?: string | undefined
}

export interface ExpiryChoice {
  readonly value: string
  readonly label: string
  readonly at: Date
}

const daySeconds = 86_400

/** Up to the maximum of the tenant, which is the last. */
export function expiryChoices(maxLifetimeSeconds: number, now: Date): readonly ExpiryChoice[] {
  const choiceOf = (value: string, seconds: number) => {
    return { value, label: lifetimeText(seconds), at: endOfLifetime(now, seconds) }
  }
  const max = choiceOf('max', maxLifetimeSeconds)
  const choices = [7, 30, 90, 365].map((days) => choiceOf(`${days}`, days * daySeconds))
  return [...choices.filter(({ at }) => at < max.at), max]
}

/** Undefined for `max`. */
export function expiryOf({ expires }: Pick<TokenFormValues, 'expires'>, now: Date): Date | undefined {
  return expires === 'max' ? undefined : endOfLifetime(now, Number(expires) * daySeconds)
}

function lifetimeText(seconds: number): string {
  const years = yearsOf(seconds)
  if (years === undefined) return formatDuration(seconds)
  return `${years} ${years === 1 ? 'year' : 'years'}`
}

/** Labels in the order of the page. */
const labels = { name: 'Name', expires: 'Expires in', scopes: 'Permissions', ranges: 'IP addresses' }

export function TokenForm({ values, faults, expiries, scopes, signInAgainHref }: TokenFormProps) {
  const focused = firstFaulty(faults, Object.keys(labels))
  const form = { values, faults, focused }
  const isFaulty = (field: string) => faults.some((fault) => fault.field === field)
  return (
    <Form action={tokensPath}>
      <FaultsSummary faults={faults} labels={labels} />
      <TextField {...form} name="name" label="Name" required hint="Where you will use it, such as “Nightly build”." />
      <div class="field">
        <label for="expires">Expires in</label>
        <select
          id="expires"
          name="expires"
          aria-describedby="expires-hint"
          aria-invalid={isFaulty('expires') || undefined}
          {...(focused === 'expires' && { autofocus: true })}
        >
          {expiries.map(({ value, label, at }) => (
            <option key={value} value={value} selected={value === values.expires}>
              {label}, on {formatDate(at)}
            </option>
          ))}
        </select>
        <div class="hint" id="expires-hint">
          {signInAgainHref !== undefined && (
            <p>
              <a href={safeHref(signInAgainHref)}>Sign in again</a> to choose more than 90 days.
            </p>
          )}
          <FaultList faults={faults.filter(({ field }) => field === 'expires')} />
        </div>
      </div>
      <details open={values.scopes.length > 0 || isFaulty('scopes')}>
        <summary>Limit what it may do</summary>
        <p class="small">Without a choice, the token may do all that you may, now and later.</p>
        <ChoicesField {...form} name="scopes" label="Permissions" type="checkbox" choices={scopes} />
      </details>
      <details open={values.ranges !== '' || isFaulty('ranges')}>
        <summary>Limit where it is used</summary>
        <p class="small">Without an address, the token works from anywhere.</p>
        <TextField
          {...form}
          name="ranges"
          label="IP addresses"
          rows={3}
          hint="Addresses or ranges such as 192.0.2.0/24, one per line."
        />
      </details>
      <button type="submit">Create token</button>
    </Form>
  )
}
