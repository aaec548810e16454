import type { WebRoute } from '../../route.ts'
import { adminPage } from '../administrator.ts'
import { sections } from '../sections.ts'
import { readConfigurationQuery, showConfiguration } from './configuration.ts'

export const configurationRoutes: readonly WebRoute[] = [
  adminPage(sections.configuration.path, 'configuration:read', readConfigurationQuery, showConfiguration),
]
