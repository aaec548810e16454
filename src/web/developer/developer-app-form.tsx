/** What a developer sets of an app: the same fields when it is registered and when it is changed. */

import { Form, type FormTarget } from '../../pages/form.tsx'
import { renderLayout, type SignedIn, safeHref } from '../../pages/layout.tsx'
import type { AppSecurityValues } from './developer-app-security.tsx'
import type { Choice, PageFault } from './developer-fields.tsx'
import { ChoicesField, FaultsSummary, LinesField, TextField } from './developer-fields.tsx'

/** As typed. */
export interface AppFormValues {
  readonly name: string
  readonly kind: string
  /** An address to fetch it from; empty leaves it as it is. */
  readonly mark: string
  readonly dropsMark: boolean
  /** One address a line. */
  readonly redirectUris: string
  readonly postLogoutRedirectUris: string
  readonly backchannelLogoutUri: string
  /** `or-nonce`, or anything else for required. */
  readonly pkce: string
  readonly scopes: readonly string[]
  /** Of an app that is registered. */
  readonly security?: AppSecurityValues | undefined
}

export interface AppFormProps {
  readonly values: AppFormValues
  readonly scopes: readonly Choice[]
  readonly faults: readonly PageFault[]
}

export const kindChoices: readonly Choice[] = [
  { value: 'web', label: 'Web app', hint: 'with a server that can keep a secret' },
  { value: 'single-page', label: 'Single-page app', hint: 'runs in the browser alone' },
  { value: 'native', label: 'Native app', hint: 'on a phone, a desktop or a command line' },
  { value: 'service', label: 'Service', hint: 'a program that signs in nobody but itself' },
]

interface AppFieldsProps extends AppFormProps {
  /** Somebody signs in to it. */
  readonly people: boolean
  readonly mayBeWeb: boolean
  readonly hasLogo?: boolean
}

export function AppFields({ values, scopes, faults, people, mayBeWeb, hasLogo = false }: AppFieldsProps) {
  return (
    <>
      <TextField
        name="name"
        label="Name"
        value={values.name}
        required
        hint="People see it when they are asked what the app may know."
        faults={faults}
      />
      {people && (
        <>
          <LinesField
            name="redirectUris"
            label="Redirect URIs"
            value={values.redirectUris}
            hint="Where people come back to after signing in, one a line, exactly as your app sends it. https; http only on localhost; a native app may have a scheme of its own, such as com.acme.app:/callback."
            faults={faults}
          />
          <LinesField
            name="postLogoutRedirectUris"
            label="Redirect URIs after sign-out"
            value={values.postLogoutRedirectUris}
            rows={2}
            hint="Where people may be sent after signing out, one a line. May be empty."
            faults={faults}
          />
          <TextField
            name="backchannelLogoutUri"
            label="Back-channel logout URI"
            value={values.backchannelLogoutUri}
            hint="Your server is told here when somebody’s session ends. May be empty."
            faults={faults}
          />
          <TextField
            name="mark"
            label="Mark"
            value={values.mark}
            hint={
              hasLogo
                ? 'https address of a new one: a square PNG, JPEG, WebP or SVG image of at most 64 kB. Empty leaves the one there is.'
                : 'https address of a square PNG, JPEG, WebP or SVG image of at most 64 kB; we fetch it once, now. May be empty: then the initials stand in.'
            }
            faults={faults}
          />
          {hasLogo && (
            <ChoicesField
              type="checkbox"
              name="dropsMark"
              label="The mark there is"
              choices={[{ value: 'yes', label: 'Take it away' }]}
              chosen={values.dropsMark ? ['yes'] : []}
              faults={faults}
            />
          )}
        </>
      )}
      {people && (mayBeWeb || values.pkce === 'or-nonce') && (
        <ChoicesField
          type="checkbox"
          name="pkce"
          label="PKCE"
          choices={[
            {
              value: 'or-nonce',
              label: 'Sign-ins may begin without it',
              hint: 'if they have a nonce (passport-openidconnect: nonce: true)',
            },
          ]}
          chosen={[values.pkce]}
          hint="PKCE makes a stolen code worthless. Leave this off unless your web app’s library knows no PKCE, as passport-openidconnect does not: then only the nonce and your secret guard the code."
          faults={faults}
        />
      )}
      <ChoicesField
        type="checkbox"
        name="scopes"
        label="Scopes"
        choices={scopes}
        chosen={values.scopes}
        hint="What the app may ask people for; they decide. openid is needed to sign anyone in; a service, which signs in nobody, gets those of APIs alone."
        faults={faults}
      />
    </>
  )
}

export interface NewAppPageProps extends AppFormProps {
  readonly form: FormTarget
  readonly backHref: string
  readonly supportUrl?: string | undefined
  readonly signedIn?: SignedIn | undefined
}

export function newAppPage(props: NewAppPageProps): string {
  const { form, backHref, values, faults, supportUrl, signedIn } = props
  return renderLayout({
    title: 'Register an app',
    failed: faults.length > 0,
    ...{ supportUrl, signedIn },
    wide: true,
    children: (
      <div class="card">
        <h1>Register an app</h1>
        <FaultsSummary faults={faults} />
        <Form target={form}>
          <ChoicesField
            type="radio"
            name="kind"
            label="Kind"
            choices={kindChoices}
            chosen={[values.kind]}
            faults={faults}
          />
          <AppFields {...props} people mayBeWeb />
          <button type="submit">Register</button>
        </Form>
        <p class="aside">
          <a href={safeHref(backHref)}>Back to your apps</a>
        </p>
      </div>
    ),
  })
}
