/** The settings of an app after the changes that a request asks for. */
import type { z } from 'zod'
import type { App } from '../../../app/app.ts'
import { type AppDraft, AppRefused } from '../../../app/draft.ts'
import { type AppSettings, allSettings } from '../../../app/settings.ts'
import type { schemas } from '../schemas.ts'

/** Absent members stay as they were. */
export function draftWith(before: App | undefined, given: z.output<typeof schemas.AppChanges>): AppDraft {
  const kind = given.kind ?? before?.kind
  if (kind === undefined) throw new AppRefused([{ field: 'kind', message: 'is missing' }])
  const defaultScopes = kind === 'service' ? [] : ['openid', 'profile', 'email']
  const changed = <T>(value: T | null | undefined, current: T | undefined) =>
    value === undefined ? current : (value ?? undefined)
  return {
    kind,
    name: given.name ?? before?.name ?? '',
    logoUri: changed(given.logoUri, before?.logoUri),
    redirectUris: given.redirectUris ?? before?.redirectUris ?? [],
    postLogoutRedirectUris: given.postLogoutRedirectUris ?? before?.postLogoutRedirectUris ?? [],
    backchannelLogoutUri: changed(given.backchannelLogoutUri, before?.backchannelLogoutUri),
    ...applySettings(before ?? {}, given),
    scopes: given.scopes ?? before?.scopes ?? defaultScopes,
  }
}

/** Null restores the default. */
function applySettings(before: AppSettings, given: z.output<typeof schemas.AppChanges>): AppSettings {
  const changes = Object.entries(allSettings(before)).map(([name, value]) => {
    const change = given[name as keyof AppSettings]
    return [name, change === undefined ? value : (change ?? undefined)]
  })
  return Object.fromEntries(changes)
}
