/** The parts forms are made of: fields that say what is wrong with them, errors, notices. */
import type { ComponentChildren } from 'preact'
import { safeHref } from './layout.tsx'

/** Target of a form, and its hidden fields. */
export interface FormTarget {
  readonly action: string
  readonly hidden?: Readonly<Record<string, string>>
  /** The response is a file: the page stays (scripts/page.js). */
  readonly download?: boolean
}

export interface PageError {
  readonly title: string
  readonly text: string
  /** Finds the trace. */
  readonly reference?: string | undefined
  /** The field to correct, where the form has more than one. */
  readonly field?: 'email' | 'name' | 'password' | 'currentPassword' | undefined
}

export function Form({
  action,
  hidden = {},
  download,
  id,
  children,
}: FormTarget & { readonly id?: string; readonly children: ComponentChildren }) {
  return (
    <form id={id} method="post" action={safeHref(action)} {...(download && { 'data-download': '' })}>
      {Object.entries(hidden).map(([name, value]) => (
        <input key={name} type="hidden" name={name} value={value} />
      ))}
      {children}
    </form>
  )
}

interface ActionFormProps extends FormTarget {
  readonly label: string
  /** Accessible name of the target. */
  readonly object?: string | undefined
  /** Seconds until the button works, on pages with scripts. */
  readonly afterSeconds?: number | undefined
}

/** A form that is one button. */
export function ActionForm({ label, object, afterSeconds, ...target }: ActionFormProps) {
  return (
    <Form {...target}>
      <button type="submit" class="quiet" {...(afterSeconds !== undefined && { 'data-after': afterSeconds })}>
        {label}
        {object !== undefined && <span class="unseen"> {object}</span>}
      </button>
    </Form>
  )
}

const errorId = 'error'

export function ErrorMessage({ error }: { readonly error: PageError | undefined }) {
  if (error === undefined) return null
  return (
    <div class="message error" id={errorId} role="alert">
      <p>
        <strong>{error.title}</strong>
      </p>
      <p>{error.text}</p>
      {error.reference !== undefined && (
        <p class="small">
          Reference <code>{error.reference}</code>
        </p>
      )}
    </div>
  )
}

export interface NoticeProps {
  readonly text: string | undefined
  /** Finds the trace. */
  readonly reference?: string | undefined
}

export function Notice({ text, reference }: NoticeProps) {
  return text === undefined ? null : (
    <p class="message" role="status">
      {text}
      {reference !== undefined && (
        <span class="small">
          Reference <code>{reference}</code>
        </span>
      )}
    </p>
  )
}

export interface FieldProps {
  readonly name: 'email' | 'name' | 'password' | 'currentPassword'
  readonly label: string
  /** `webauthn`: passkeys are suggested too. */
  readonly autocomplete:
    | 'username'
    | 'username webauthn'
    | 'email'
    | 'name'
    | 'current-password'
    | 'current-password webauthn'
    | 'new-password'
    | 'off'
  readonly value?: string | undefined
  /** A sentence under the field. */
  readonly hint?: string | undefined
  /** The page's error, which describes the field. */
  readonly error?: PageError | undefined
  /** The error is about this field. */
  readonly invalid?: boolean | undefined
  /** Focuses the field. Only for a page whose purpose it is. */
  readonly autofocus?: boolean | undefined
}

export function Field({ name, label, autocomplete, value, hint, error, invalid, autofocus }: FieldProps) {
  const hintId = `${name}-hint`
  const describedBy = [error && errorId, hint && hintId].filter(Boolean).join(' ')
  const attributes = {
    id: name,
    name,
    autocomplete,
    required: true,
    ...(value !== undefined && { value }),
    ...(autofocus && { autofocus }),
    ...(describedBy !== '' && { 'aria-describedby': describedBy }),
    ...(invalid && error !== undefined && { 'aria-invalid': true }),
  }
  return (
    <div class="field">
      <label for={name}>{label}</label>
      {name === 'email' && <input type="email" {...attributes} />}
      {name === 'name' && <input type="text" spellcheck={false} {...attributes} />}
      {(name === 'password' || name === 'currentPassword') && <input type="password" {...attributes} />}
      {hint !== undefined && (
        <p class="hint" id={hintId}>
          {hint}
        </p>
      )}
    </div>
  )
}

/** Read-only, but visible to password managers (`autocomplete=username`). */
export function FixedEmail({ email, changeHref }: { readonly email: string; readonly changeHref?: string }) {
  return (
    <div class="field">
      <label for="email">Email</label>
      <div class="fixed">
        <input id="email" name="email" type="email" autocomplete="username" value={email} readOnly />
        {changeHref !== undefined && (
          <a href={safeHref(changeHref)}>
            Change<span class="unseen"> email</span>
          </a>
        )}
      </div>
    </div>
  )
}
