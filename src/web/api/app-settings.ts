/** Changes to the OAuth settings of an app, as `/api/v1/apps` takes them. */
import type { z } from 'zod'
import { type AppSettings, allSettings } from '../../app/settings.ts'
import type { settingsChanges } from './app-settings-schemas.ts'

type Changes = z.output<z.ZodObject<typeof settingsChanges>>

/** Absent members stay as they were; null restores the default. */
export function applySettings(before: AppSettings, given: Changes): AppSettings {
  const changes = Object.entries(allSettings(before)).map(([name, value]) => {
    const change = given[name as keyof Changes]
    return [name, change === undefined ? value : (change ?? undefined)]
  })
  return Object.fromEntries(changes)
}
