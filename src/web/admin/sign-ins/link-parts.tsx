/** Links that need no sign-in: how long one works, and the new one, shown once. */
import { Notice } from '../../../pages/form.tsx'
import { SecretValue } from '../../../pages/secret-value.tsx'
import { Time } from '../../../pages/time.tsx'
import type { NewLink } from './new-link.ts'

interface LifetimeProps {
  readonly lifetimes: readonly { readonly value: string; readonly label: string; readonly isDefault: boolean }[]
}

/** The field `lifetime`. */
export const LifetimeChoice = ({ lifetimes }: LifetimeProps) => (
  <fieldset class="lifetimes">
    <legend>The link works for</legend>
    {lifetimes.map(({ value, label, isDefault }) => (
      <label key={value} class="choice">
        <input type="radio" name="lifetime" value={value} checked={isDefault} />
        <span>{label}</span>
      </label>
    ))}
  </fieldset>
)

/** @param to what it shows, such as `this sign-in` */
export const CreatedLink = ({ url, expiresAt, to }: NewLink & { readonly to: string }) => (
  <section class="card" aria-labelledby="new-link">
    <h2 id="new-link">Link to {to}</h2>
    <Notice text="Copy it now: it is shown only once." />
    <div>
      <SecretValue id="link" label="the link" text={url} />
    </div>
    <p class="small">
      It works until <Time at={expiresAt} />.
    </p>
  </section>
)
