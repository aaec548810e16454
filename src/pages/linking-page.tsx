/** An email that somebody has already: whoever has both proves it by signing in once the way they did before. */
import { Monogram, type PageTenant, renderLayout, safeHref } from './layout.tsx'
import { type Gate, Gates } from './login-page.tsx'

export interface LinkingPageProps {
  readonly tenant: PageTenant
  readonly email: string
  /** The gate just used, such as "Okta". */
  readonly newcomer: string
  /** Those by which the person with this email signs in. */
  readonly gates: readonly Gate[]
  readonly backHref: string
  /** Finds the trace. */
  readonly reference: string
  readonly supportUrl?: string | undefined
}

export function linkingPage(props: LinkingPageProps): string {
  const { tenant, email, newcomer, gates } = props
  const title = 'This email already belongs to someone'
  return renderLayout({
    title: `${title} – ${tenant.name}`,
    supportUrl: props.supportUrl,
    children: (
      <div class="card">
        <Monogram text={tenant.name} />
        <h1>{title}</h1>
        <p>
          Someone at {tenant.name} has <strong>{email}</strong>, and {newcomer} alone cannot prove that this is you.
        </p>
        <p>
          <strong>Is it you?</strong> Sign in the way you did before, this once. We then add {newcomer} to your ways to
          sign in, and from now on each of them leads to the same place.
        </p>
        <Gates gates={gates} />
        <p class="small">
          Is it not you, or did you not just come from {newcomer}? Then go back: nothing was changed, and nothing will
          be.
        </p>
        <p class="aside">
          <a href={safeHref(props.backHref)}>Choose another way to sign in</a>
        </p>
        <div class="reference">
          <p>When you ask for help, give this reference:</p>
          <code>{props.reference}</code>
        </div>
      </div>
    ),
  })
}
