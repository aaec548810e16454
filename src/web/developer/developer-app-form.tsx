/** The settings of an app, for registration and for changes. */

import type { AppKind } from '../../app/settings.ts'
import { Form } from '../../pages/form.tsx'
import { renderCard, type SignedIn } from '../../pages/layout.tsx'
import { Aside } from '../../pages/parts.tsx'
import { type Choice, ChoicesField, FaultsSummary, type FormState, TextField } from './developer-fields.tsx'
import type { AppFormValues } from './developer-form.ts'
import { developerPath, newAppPath } from './paths.ts'

export interface AppFormProps extends FormState {
  readonly values: AppFormValues
  readonly scopes: readonly Choice[]
}

export const kindChoices: readonly Choice[] = [
  { value: 'web', label: 'Web app', hint: 'has a server that can keep a secret' },
  { value: 'single-page', label: 'Single-page app', hint: 'runs entirely in the browser' },
  { value: 'native', label: 'Native app', hint: 'runs on a phone, a desktop or a command line' },
  { value: 'service', label: 'Service', hint: 'machine-to-machine, no user' },
]

export function kindLabel({ kind }: { readonly kind: string }): string {
  return kindChoices.find(({ value }) => value === kind)?.label ?? kind
}

interface AppFieldsProps extends AppFormProps {
  /** Undefined for a new app, whose kind is not chosen yet. */
  readonly kind?: AppKind
  readonly hasLogo?: boolean
}

export function AppFields({ values, scopes, faults, kind, hasLogo = false }: AppFieldsProps) {
  const form = { values, faults }
  const hasUsers = kind !== 'service'
  const mayBeWeb = kind === undefined || kind === 'web'
  return (
    <>
      <TextField {...form} name="name" label="Name" required hint="Users see it when the app asks for access." />
      {hasUsers && (
        <>
          <TextField
            {...form}
            name="redirectUris"
            label="Redirect URIs"
            rows={3}
            hint="Where users return after signing in, one per line, exactly as your app sends it. Use https, or http on localhost. A native app may use its own scheme, such as com.acme.app:/callback."
          />
          <TextField
            {...form}
            name="postLogoutRedirectUris"
            label="Redirect URIs after sign-out"
            rows={2}
            hint="Where users may be sent after signing out, one per line. Optional."
          />
          <TextField
            {...form}
            name="backchannelLogoutUri"
            label="Back-channel logout URI"
            hint="We notify your server here when a user's session ends. Optional."
          />
          <TextField {...form} name="logoUri" label="Logo URL" hint={hasLogo ? newLogoHint : firstLogoHint} />
          {hasLogo && (
            <ChoicesField
              {...form}
              type="checkbox"
              name="removeLogo"
              label="Current logo"
              choices={[{ value: 'yes', label: 'Remove it' }]}
            />
          )}
        </>
      )}
      {hasUsers && (mayBeWeb || values.pkce === 'or-nonce') && (
        <ChoicesField
          {...form}
          type="checkbox"
          name="pkce"
          label="PKCE"
          choices={[withoutPkce]}
          hint="PKCE makes a stolen authorization code worthless. Leave this off unless your library does not support PKCE (passport-openidconnect). Without PKCE, only the nonce and your client secret protect the code."
        />
      )}
      <ChoicesField
        {...form}
        type="checkbox"
        name="scopes"
        label="Scopes"
        choices={scopes}
        hint="What the app may ask users for. Sign-in needs openid. Services can request only API scopes."
      />
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
  hint: 'nonce required (passport-openidconnect: nonce: true)',
}

export interface NewAppPageProps extends AppFormProps {
  readonly supportUrl?: string | undefined
  readonly signedIn?: SignedIn | undefined
}

export function newAppPage(props: NewAppPageProps): string {
  const { values, faults, supportUrl, signedIn } = props
  return renderCard({
    title: 'Register an app',
    supportUrl,
    signedIn,
    failed: faults.length > 0,
    wide: true,
    children: (
      <>
        <FaultsSummary faults={faults} />
        <Form action={newAppPath}>
          <ChoicesField {...{ values, faults }} type="radio" name="kind" label="Kind" choices={kindChoices} />
          <AppFields {...props} />
          <button type="submit">Register</button>
        </Form>
        <Aside href={developerPath} label="Back to your apps" />
      </>
    ),
  })
}
