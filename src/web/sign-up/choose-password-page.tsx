/** Behind the mailed link. Opening it changes nothing, as mail scanners open links too. */
import { ErrorMessage, Field, FixedEmail, Form, type FormTarget, type PageError } from '../../pages/form.tsx'
import { Monogram, type PageTenant, renderLayout } from '../../pages/layout.tsx'

export interface ChoosePasswordPageProps {
  readonly tenant: PageTenant
  readonly what: 'sign-up' | 'reset'
  readonly email: string
  /** What a password must be, in one sentence. */
  readonly rule: string
  readonly form: FormTarget
  readonly error?: PageError | undefined
  readonly supportUrl?: string | undefined
}

const texts = {
  'sign-up': {
    title: 'Choose a password',
    purpose: 'sets up your account',
    button: 'Create account',
  },
  reset: {
    title: 'Choose a new password',
    purpose: 'replaces your password',
    button: 'Save password',
  },
} as const

export function choosePasswordPage(props: ChoosePasswordPageProps): string {
  const { tenant, error } = props
  const { title, purpose, button } = texts[props.what]
  return renderLayout({
    title: `${title} – ${tenant.name}`,
    failed: error !== undefined,
    supportUrl: props.supportUrl,
    children: (
      <div class="card">
        <Monogram text={tenant.name} />
        <h1>{title}</h1>
        <p>
          This {purpose} at {tenant.name}. If you didn't request it, close this page; nothing will change.
        </p>
        <ErrorMessage error={error} />
        <Form target={props.form}>
          <FixedEmail email={props.email} />
          <Field
            name="password"
            label={props.what === 'reset' ? 'New password' : 'Password'}
            autocomplete="new-password"
            hint={props.rule}
            error={error}
            invalid
            autofocus
          />
          <button type="submit">{button}</button>
        </Form>
      </div>
    ),
  })
}
