/** Pages of sign-up and password reset: the address for a link, and what the link leads to. */

import { ErrorMessage, Field, FixedEmail, Form, type FormTarget, type PageError } from '../../pages/form.tsx'
import { type PageTenant, renderCard, safeHref } from '../../pages/layout.tsx'
import { Aside } from '../../pages/parts.tsx'

export interface LinkRequestPageProps {
  readonly tenant: PageTenant
  readonly form: FormTarget
  readonly email?: string | undefined
  readonly name?: string | undefined
  readonly signInHref: string
  readonly error?: PageError | undefined
}

/** Asks for email and name only: the password is chosen after the email is proven. */
export function signUpPage({ tenant, form, email, name, signInHref, error }: LinkRequestPageProps): string {
  return renderCard({
    title: `Sign up for ${tenant.name}`,
    tenant,
    failed: error !== undefined,
    children: (
      <>
        <ErrorMessage error={error} />
        <Form {...form}>
          <Field
            name="email"
            label="Email"
            autocomplete="email"
            value={email}
            hint="We'll send a link to this address. You choose your password after opening it."
            error={error}
            invalid={error?.field === 'email'}
          />
          <Field
            name="name"
            label="Your name"
            autocomplete="name"
            value={name}
            error={error}
            invalid={error?.field === 'name'}
          />
          <button type="submit">Send link</button>
        </Form>
        <p class="aside">
          Already have an account? <a href={safeHref(signInHref)}>Sign in</a>
        </p>
      </>
    ),
  })
}

/** "Forgot password?": asks where to send the link. */
export function requestResetPage({ tenant, form, email, signInHref, error }: LinkRequestPageProps): string {
  return renderCard({
    title: 'Forgot your password?',
    tenant,
    failed: error !== undefined,
    children: (
      <>
        <p>Enter your email and we'll send you a link to reset your password for {tenant.name}.</p>
        <ErrorMessage error={error} />
        <Form {...form}>
          <Field name="email" label="Email" autocomplete="username" value={email} error={error} invalid autofocus />
          <button type="submit">Send link</button>
        </Form>
        <BackToSignIn href={signInHref} />
      </>
    ),
  })
}

const BackToSignIn = ({ href }: { readonly href: string }) => <Aside href={href} label="Back to sign-in" />

export interface CheckMailPageProps {
  readonly tenant: PageTenant
  readonly email: string
  readonly what: 'sign-up' | 'reset'
  readonly signInHref: string
}

const purposes = {
  'sign-up': "sign up here, we've sent a link to it. Open the link to choose your password.",
  reset: "sign in here with a password, we've sent a link to it. Open the link to choose a new password.",
} as const

/** The same text whether the address is known or not. */
export function checkMailPage({ tenant, email, what, signInHref }: CheckMailPageProps): string {
  return renderCard({
    title: 'Check your mail',
    tenant,
    children: (
      <>
        <p>
          If <strong>{email}</strong> can {purposes[what]}
        </p>
        <p class="small">Nothing after a few minutes? Check your spam folder and make sure the address is correct.</p>
        <BackToSignIn href={signInHref} />
      </>
    ),
  })
}

export interface ChoosePasswordPageProps {
  readonly tenant: PageTenant
  readonly what: 'sign-up' | 'reset'
  readonly email: string
  /** What a password must be, in one sentence. */
  readonly rule: string
  readonly form: FormTarget
  readonly error?: PageError | undefined
}

const passwordTexts = {
  'sign-up': {
    title: 'Choose a password',
    label: 'Password',
    purpose: 'sets up your account',
    button: 'Create account',
  },
  reset: {
    title: 'Choose a new password',
    label: 'New password',
    purpose: 'replaces your password',
    button: 'Save password',
  },
} as const

/** Behind the mailed link. Opening it changes nothing, as mail scanners open links too. */
export function choosePasswordPage({ tenant, what, email, rule, form, error }: ChoosePasswordPageProps): string {
  const { title, label, purpose, button } = passwordTexts[what]
  return renderCard({
    title,
    tenant,
    failed: error !== undefined,
    children: (
      <>
        <p>
          This {purpose} at {tenant.name}. If you didn't request it, close this page; nothing will change.
        </p>
        <ErrorMessage error={error} />
        <Form {...form}>
          <FixedEmail email={email} />
          <Field
            name="password"
            label={label}
            autocomplete="new-password"
            hint={rule}
            error={error}
            invalid
            autofocus
          />
          <button type="submit">{button}</button>
        </Form>
      </>
    ),
  })
}
