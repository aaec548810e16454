/** The settings of an app, for registration and for changes. */

import type { AppKind } from '../../app/settings.ts'
import { Aside } from '../../pages/parts.tsx'
import type { Viewer } from '../../pages/site/viewer.ts'
import { kindChoices } from './app-kinds.ts'
import {
  asSentences,
  type Choice,
  ChoicesField,
  FaultsSummary,
  type FormState,
  firstFaulty,
  TextField,
} from './developer-fields.tsx'
import type { AppFormValues } from './developer-form.ts'
import { developerLayout } from './developer-layout.tsx'
import { developerPath, newAppPath } from './paths.ts'

export interface AppFormProps extends FormState {
  readonly values: AppFormValues
  readonly scopes: readonly Choice[]
}

/** Labels in the order of the page. */
export const appFieldLabels: Readonly<Record<string, string>> = {
  kind: 'Kind',
  name: 'Name',
  redirectUris: 'Redirect URIs',
  scopes: 'Scopes',
  postLogoutRedirectUris: 'Redirect URIs after sign-out',
  backchannelLogoutUri: 'Back-channel logout URI',
  logoUri: 'Logo URL',
  allow: 'Who may use it',
  pkce: 'PKCE',
}

interface AppFieldsProps extends AppFormProps {
  /** Undefined for a new app: the stylesheet hides the fields of kinds that are not chosen. */
  readonly kind?: AppKind
  readonly hasLogo?: boolean
}

export function AppFields(props: AppFieldsProps) {
  const { kind, scopes, ...form } = props
  const hasUsers = kind !== 'service'
  return (
    <>
      <TextField
        {...form}
        name="name"
        label={appFieldLabels['name'] ?? ''}
        required
        placeholder="Acme Shop"
        hint={hasUsers ? 'Users see it when the app asks for access.' : 'Shown to developers and administrators.'}
      />
      {hasUsers && <RedirectUris {...props} />}
      <ChoicesField
        {...form}
        type="checkbox"
        name="scopes"
        label="Scopes"
        choices={scopes}
        hint={hasUsers ? userScopesHint : scopes.length > 0 ? serviceScopesHint : noScopesHint}
      />
      {hasUsers && <MoreFields {...props} />}
    </>
  )
}

const userScopesHint = 'What the app may ask users for. Sign-in needs openid. Services can request only API scopes.'
const serviceScopesHint = 'What the service may request. It acts for itself, not for a user.'
const noScopesHint = 'There is no API here that a service may call. The operator declares APIs in gatehouse.yaml.'

const redirectExamples: Readonly<Record<AppKind, string>> = {
  web: 'https://shop.example/callback\nhttp://localhost:3000/callback',
  'single-page': 'https://app.example/callback\nhttp://localhost:5173/callback',
  native: 'com.example.app:/callback',
  service: '',
}

function RedirectUris({ kind, ...form }: AppFieldsProps) {
  return (
    <div class="for-users">
      <TextField
        {...form}
        name="redirectUris"
        label="Redirect URIs"
        rows={3}
        placeholder={redirectExamples[kind ?? 'web']}
        hint="Where users return after signing in, one per line, exactly as your app sends it. Use https, or http on localhost."
      />
      {(kind === undefined || kind === 'native') && (
        <p class="hint for-native">
          A native app may use its own scheme, such as com.acme.app:/callback. A device or command line that shows a
          code (device flow) needs none.
        </p>
      )}
    </div>
  )
}

const moreFields = ['postLogoutRedirectUris', 'backchannelLogoutUri', 'logoUri', 'allow', 'pkce']

/**
 * Open where they are part of the settings; folded on the form of a new app, unless one is wrong.
 */
function MoreFields(props: AppFieldsProps) {
  const isNew = props.kind === undefined
  if (!isNew) return <OptionalFields {...props} />
  const isFilled = moreFields.some(
    (name) => !['', 'required', undefined].includes(String(props.values[name as 'allow'])),
  )
  return (
    <details class="for-users" open={isFilled || firstFaulty(props.faults, moreFields) !== undefined}>
      <summary>More settings</summary>
      <div class="more">
        <OptionalFields {...props} />
      </div>
    </details>
  )
}

function OptionalFields({ kind, hasLogo = false, ...form }: AppFieldsProps) {
  const { values } = form
  const mayBeWeb = kind === undefined || kind === 'web'
  return (
    <>
      <TextField
        {...form}
        name="postLogoutRedirectUris"
        label="Redirect URIs after sign-out"
        rows={2}
        placeholder="https://shop.example/"
        hint="Where users may be sent after signing out, one per line. Optional."
      />
      {(mayBeWeb || values.backchannelLogoutUri !== '') && (
        <div class={kind === undefined ? 'for-web' : undefined}>
          <TextField
            {...form}
            name="backchannelLogoutUri"
            label="Back-channel logout URI"
            placeholder="https://shop.example/backchannel-logout"
            hint="We notify your server here when a user's session ends. Optional."
          />
        </div>
      )}
      <TextField
        {...form}
        name="logoUri"
        label="Logo URL"
        placeholder="https://shop.example/logo.svg"
        hint={hasLogo ? newLogoHint : firstLogoHint}
      />
      {hasLogo && (
        <ChoicesField
          {...form}
          type="checkbox"
          name="removeLogo"
          label="Current logo"
          choices={[{ value: 'yes', label: 'Remove it' }]}
        />
      )}
      <TextField
        {...form}
        name="allow"
        label="Who may use it"
        rows={3}
        placeholder={'group:engineering\n@acme.example'}
        hint="One entry per line: group: or role: and a name, an email address, or @ and a domain. One match is enough. Leave empty for every user of your organization."
      />
      {(mayBeWeb || values.pkce === 'or-nonce') && (
        <div class={kind === undefined ? 'for-web' : undefined}>
          <ChoicesField
            {...form}
            type="checkbox"
            name="pkce"
            label="PKCE"
            choices={[withoutPkce]}
            hint="PKCE makes a stolen authorization code worthless. Leave this off unless your library does not support PKCE (passport-openidconnect). Without PKCE, only the nonce and your client secret protect the code."
          />
        </div>
      )}
    </>
  )
}

const newLogoHint =
  'https URL of a new logo: a square PNG, JPEG, WebP or SVG image of at most 64 kB. Leave empty to keep the current logo.'
const firstLogoHint =
  'https URL of a square PNG, JPEG, WebP or SVG image of at most 64 kB. We fetch it once, when you save. Optional: without one, the app is shown by its initials.'

const withoutPkce: Choice = {
  value: 'or-nonce',
  label: 'Allow sign-in without PKCE',
  hint: 'requires a nonce',
}

export interface NewAppPageProps extends AppFormProps {
  readonly viewer: Viewer
}

export function newAppPage({ viewer, ...given }: NewAppPageProps): string {
  const form = { ...given, faults: asSentences(given.faults, appFieldLabels) }
  const { values, faults } = form
  const focused = firstFaulty(faults, Object.keys(appFieldLabels))
  return developerLayout({
    title: 'Register an app',
    viewer,
    above: [{ href: developerPath, label: 'Your apps' }],
    failed: faults.length > 0,
    children: (
      <section class="card">
        <h1>Register an app</h1>
        <FaultsSummary faults={faults} labels={appFieldLabels} />
        <form method="post" action={newAppPath} class="new-app">
          <ChoicesField {...{ values, faults, focused }} type="radio" name="kind" label="Kind" choices={kindChoices} />
          <AppFields {...form} focused={focused} />
          <button type="submit">Register</button>
        </form>
        <Aside href={developerPath} label="Cancel" />
      </section>
    ),
  })
}
