/** Shown before a signed-out browser is sent to an app that a developer registered. */

import { Form, type FormTarget } from './form.tsx'
import { appHref, renderCard } from './layout.tsx'
import { LinkButton } from './parts.tsx'

export interface ExternalRedirectPageProps {
  readonly title: string
  readonly app: string
  /** Name of the tenant whose developer registered the app; undefined when it is gone. */
  readonly tenant: string | undefined
  /** Host or scheme of the address. */
  readonly destination: string
  /** A registered address of the app, or a form to it. */
  readonly to: string | FormTarget
}

export function externalRedirectPage({ title, app, tenant, destination, to }: ExternalRedirectPageProps): string {
  return renderCard({
    title,
    children: (
      <>
        <p>
          The app <strong>{app}</strong> asks us to send you to <strong>{destination}</strong>. It was registered by a
          developer{tenant !== undefined && <> of {tenant}</>}, and you are not signed in here.
        </p>
        <p>Continue only if you were using this app. Never type the password you use here on another site.</p>
        <LinkButton href="/login" label="Go to sign-in" />
        {typeof to === 'string' ? (
          <p class="aside">
            <a href={appHref(to)} rel="noreferrer">
              Continue to {destination}
            </a>
          </p>
        ) : (
          <Form {...to}>
            <button type="submit" class="quiet">
              Continue to {destination}
            </button>
          </Form>
        )}
      </>
    ),
  })
}

/** The part of a URL by which users recognize it. */
export function destinationOf({ host, protocol }: URL): string {
  return host === '' ? protocol.slice(0, -1) : host
}
