/** The same text whether the address is known or not. */
import { Monogram, type PageTenant, renderLayout, safeHref } from '../../pages/layout.tsx'

export interface CheckMailPageProps {
  readonly tenant: PageTenant
  readonly email: string
  readonly what: 'sign-up' | 'reset'
  readonly signInHref: string
  readonly supportUrl?: string | undefined
}

const purposes = {
  'sign-up': "sign up here, we've sent a link to it. Open the link to choose your password.",
  reset: "sign in here with a password, we've sent a link to it. Open the link to choose a new password.",
} as const

export function checkMailPage({ tenant, email, what, signInHref, supportUrl }: CheckMailPageProps): string {
  return renderLayout({
    title: `Check your mail – ${tenant.name}`,
    supportUrl,
    children: (
      <div class="card">
        <Monogram text={tenant.name} />
        <h1>Check your mail</h1>
        <p>
          If <strong>{email}</strong> can {purposes[what]}
        </p>
        <p class="small">Nothing after a few minutes? Check your spam folder and make sure the address is correct.</p>
        <p class="aside">
          <a href={safeHref(signInHref)}>Back to sign-in</a>
        </p>
      </div>
    ),
  })
}
