/** The question before something is changed that a user should not change by accident. */
import type { ComponentChildren } from 'preact'
import { ErrorMessage, Form, type FormTarget, type PageError } from './form.tsx'
import { Aside, LinkButton } from './parts.tsx'

export interface ConfirmCardProps extends FormTarget {
  /** Label of the button. */
  readonly label: string
  /** The action is irreversible, or ends a user's access. Default false. */
  readonly danger?: boolean
  readonly cancelHref: string
  /** Why the form was refused. */
  readonly error?: PageError | undefined
  /** URL to sign in again, in place of the form. */
  readonly signInAgainHref?: string | undefined
  /** Consequences of the action, and fields of the form. */
  readonly children: ComponentChildren
}

export function ConfirmCard(props: ConfirmCardProps) {
  const { label, danger, action, hidden, cancelHref, error, signInAgainHref, children } = props
  return (
    <section class="card">
      <ErrorMessage error={error} />
      {signInAgainHref === undefined ? (
        <Form action={action} {...(hidden !== undefined && { hidden })}>
          {children}
          <button type="submit" class={danger ? 'danger' : undefined}>
            {label}
          </button>
        </Form>
      ) : (
        <>
          <p>Confirm it's you first: this needs a recent sign-in or second factor.</p>
          <LinkButton href={signInAgainHref} label="Sign in again" />
        </>
      )}
      <Aside href={cancelHref} label="Cancel" />
    </section>
  )
}
