/** Pages of sign-up and password reset: the address for a link, and what the link leads to. */

import {
  ActionForm,
  ErrorMessage,
  Field,
  FixedEmail,
  Form,
  type FormTarget,
  Notice,
  type PageError,
} from '../../pages/form.tsx'
import { type PageTenant, type Reload, renderCard, safeHref } from '../../pages/layout.tsx'
import { Aside, LinkButton, type PageLink } from '../../pages/parts.tsx'
import { PasswordField } from '../../pages/password-field.tsx'
import { type ConnectionButton, ConnectionButtons, Divider } from '../sign-in/pages/login-page.tsx'

export interface LinkRequestPageProps {
  readonly tenant: PageTenant
  /** In a sign-up, connections that create the user at the first sign-in. */
  readonly connections?: readonly ConnectionButton[]
  readonly brandStyles?: string | undefined
  readonly form: FormTarget
  readonly email?: string | undefined
  readonly name?: string | undefined
  readonly signInHref: string
  readonly error?: PageError | undefined
}

/** Asks for email and name only: the password is chosen after the email is proven. */
export function signUpPage(props: LinkRequestPageProps): string {
  const { tenant, connections = [], form, email, name, signInHref, error } = props
  return renderCard({
    title: `Sign up for ${tenant.name}`,
    tenant,
    styles: props.brandStyles,
    failed: error !== undefined,
    children: (
      <>
        <ErrorMessage error={error} />
        <ConnectionButtons connections={connections} />
        {connections.length > 0 && <Divider />}
        <Form {...form}>
          <Field
            name="email"
            label="Email"
            autocomplete="email"
            value={email}
            hint="We'll send a link to this address. You choose your password after opening it."
            error={error}
            invalid={error?.field === 'email'}
            autofocus={error?.field === 'email' || (email === undefined && connections.length === 0)}
          />
          <Field
            name="name"
            label="Your name"
            autocomplete="name"
            value={name}
            error={error}
            invalid={error?.field === 'name'}
            autofocus={error?.field === 'name' || (email !== undefined && error === undefined)}
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
  /** The user asked for another email. */
  readonly isAgain?: boolean
  readonly again: FormTarget
  readonly changeEmailHref: string
  readonly signInHref: string
  /** Leads on once the password is saved. */
  readonly pendingHref: string
  /** URL to continue at, if the page missed that the password was saved. */
  readonly savedHref: string
  readonly reload?: Reload | undefined
}

const resendSeconds = 60

const purposes = {
  'sign-up': "sign up here, we've sent a link to it. Open the link to choose your password.",
  reset: "sign in here with a password, we've sent a link to it. Open the link to choose a new password.",
} as const

/** The same text whether the address is known or not. */
export function checkMailPage(props: CheckMailPageProps): string {
  const { tenant, email, what, isAgain, again, changeEmailHref, signInHref, pendingHref, savedHref, reload } = props
  return renderCard({
    title: 'Check your email',
    tenant,
    reload,
    children: (
      <>
        <p>
          If <strong>{email}</strong> can {purposes[what]}
        </p>
        <p class="small" data-waits={safeHref(pendingHref)}>
          You can open the link on another device. Once your password is saved, continue here.
        </p>
        <Aside href={savedHref} label="I saved my password" />
        <Notice text={isAgain ? 'If we could send another link, only the newest one works.' : undefined} />
        <p class="small">
          Nothing after a few minutes? Check your spam folder and make sure the address is correct. We send at most two
          emails an hour.
        </p>
        <ActionForm label="Send again" object="the link" afterSeconds={resendSeconds} {...again} />
        <p class="aside">
          Wrong address? <a href={safeHref(changeEmailHref)}>Change it</a>
        </p>
        <BackToSignIn href={signInHref} />
      </>
    ),
  })
}

export interface OtherConnectionPageProps {
  readonly tenant: PageTenant
  readonly domain: string
  /** Label of the connection of this domain, such as "Okta". */
  readonly label: string
  readonly href: string
  readonly backHref: string
}

/** The address belongs to a connection: there is no password to choose. */
export function otherConnectionPage({ tenant, domain, label, href, backHref }: OtherConnectionPageProps): string {
  return renderCard({
    title: `Sign in with ${label}`,
    tenant,
    children: (
      <>
        <p>
          Addresses at <strong>{domain}</strong> sign in to {tenant.name} with {label}. They need no password here.
        </p>
        <LinkButton href={href} label={`Continue with ${label}`} />
        <Aside href={backHref} label="Use another address" />
      </>
    ),
  })
}

export interface PasswordSavedPageProps {
  readonly tenant: PageTenant
  /** Destination of the user, such as an app. */
  readonly destination: PageLink
}

/** The link was opened in another browser than the one where the sign-in began. */
export function passwordSavedPage({ tenant, destination }: PasswordSavedPageProps): string {
  return renderCard({
    title: 'Your password is saved',
    tenant,
    children: (
      <>
        <p>
          You can close this page and sign in where you started. You are signed in to {tenant.name} in this browser too.
        </p>
        <LinkButton {...destination} />
      </>
    ),
  })
}

export interface ChoosePasswordPageProps {
  readonly tenant: PageTenant
  readonly what: 'sign-up' | 'reset'
  readonly email: string
  /** Rule for passwords, in one sentence. */
  readonly rule: string
  /** Minimum length in characters. */
  readonly minimumLength: number
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

/** Behind the emailed link. Opening it changes nothing, as email scanners open links too. */
export function choosePasswordPage(props: ChoosePasswordPageProps): string {
  const { tenant, what, email, rule, minimumLength, form, error } = props
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
          <PasswordField
            name="password"
            label={label}
            autocomplete="new-password"
            hint={rule}
            error={error}
            invalid
            minimumLength={minimumLength}
            autofocus
          />
          <button type="submit">{button}</button>
        </Form>
      </>
    ),
  })
}
