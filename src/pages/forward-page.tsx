/**
 * Sends the browser on after a form was posted. A redirect would be simpler, but Chromium holds `form-action 'self'` against the
 * redirects that follow a form too (seen in 156), so the answer to a post cannot redirect to an upstream; this page can. Where
 * the refresh is switched off the button does the same.
 */
import { Monogram, type PageTenant, renderLayout, safeHref } from './layout.tsx'

export interface ForwardPageProps {
  readonly tenant: PageTenant
  readonly href: string
  /** Of the button, such as "Continue to Okta". */
  readonly label: string
}

export function forwardPage({ tenant, href, label }: ForwardPageProps): string {
  return renderLayout({
    title: `One moment – ${tenant.name}`,
    forwardTo: href,
    children: (
      <div class="card">
        <Monogram text={tenant.name} />
        <h1>One moment</h1>
        <p>We are taking you to the sign-in page of your organisation.</p>
        <a class="button" href={safeHref(href)}>
          {label}
        </a>
      </div>
    ),
  })
}
