/** The parts forms are made of: fields that say what is wrong with them, errors, notices. */
import type { ComponentChildren } from 'preact'
import { safeHref } from './layout.tsx'

/** Where a form is posted, and what it carries unseen. */
export interface FormTarget {
  readonly action: string
  readonly hidden?: Readonly<Record<string, string>>
}

export interface PageError {
  readonly title: string
  readonly text: string
  /** Finds the trace. */
  readonly reference?: string | undefined
  /** The field to correct, where the form has more than one. */
  readonly field?: 'email' | 'name' | 'password' | undefined
}

export function Form({ action, hidden = {}, children }: FormTarget & { readonly children: ComponentChildren }) {
  return (
    <form method="post" action={safeHref(action)}>
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
}

/** A form that is one button. */
export function ActionForm({ label, object, ...target }: ActionFormProps) {
  return (
    <Form {...target}>
      <button type="submit" class="quiet">
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

export function Notice({ text }: { readonly text: string | undefined }) {
  return text === undefined ? null : (
    <p class="message" role="status">
      {text}
    </p>
  )
}

export interface FieldProps {
  readonly name: 'email' | 'name' | 'password'
  readonly label: string
  readonly autocomplete: 'username' | 'email' | 'name' | 'current-password' | 'new-password'
  readonly value?: string | undefined
  /** A sentence under the field. */
  readonly hint?: string | undefined
  /** The page's error, which describes the field. */
  readonly error?: PageError | undefined
  /** The error is about this field. */
  readonly invalid?: boolean | undefined
  /** Only where the field is the purpose of the page. */
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
      {name === 'password' && <input type="password" {...attributes} />}
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
