/** Asks for email and name only: the password is chosen after the email is proven. */
import { ErrorMessage, Field, Form, type FormTarget, type PageError } from '../../pages/form.tsx'
import { Monogram, type PageTenant, renderLayout, safeHref } from '../../pages/layout.tsx'

export interface SignUpForm extends FormTarget {
  readonly email?: string | undefined
  readonly name?: string | undefined
}

export interface SignUpPageProps {
  readonly tenant: PageTenant
  readonly form: SignUpForm
  readonly signInHref: string
  readonly error?: PageError | undefined
  readonly supportUrl?: string | undefined
}

export function signUpPage({ tenant, form, signInHref, error, supportUrl }: SignUpPageProps): string {
  const title = `Sign up for ${tenant.name}`
  return renderLayout({
    title,
    failed: error !== undefined,
    supportUrl,
    children: (
      <div class="card">
        <Monogram text={tenant.name} />
        <h1>{title}</h1>
        <ErrorMessage error={error} />
        <Form target={form}>
          <Field
            name="email"
            label="Email"
            autocomplete="email"
            value={form.email}
            hint="We'll send a link to this address. You choose your password after opening it."
            error={error}
            invalid={error?.field === 'email'}
          />
          <Field
            name="name"
            label="Your name"
            autocomplete="name"
            value={form.name}
            error={error}
            invalid={error?.field === 'name'}
          />
          <button type="submit">Send link</button>
        </Form>
        <p class="aside">
          Already have an account? <a href={safeHref(signInHref)}>Sign in</a>
        </p>
      </div>
    ),
  })
}
