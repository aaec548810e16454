import { publicRoute, type WebRoute } from '../../route.ts'
import { adminForm, adminPage } from '../administrator.ts'
import { readListQuery, showSignIns } from './list.ts'
import { sharedTracesPath, signInsPath } from './paths.ts'
import { showSharedTrace } from './shared.ts'
import { linkForm, readReference, showTrace, submitLink } from './trace.ts'

export const signInsRoutes: readonly WebRoute[] = [
  adminPage(signInsPath, 'sign-ins:read', readListQuery, showSignIns),
  adminPage(`${signInsPath}/:reference`, 'sign-ins:read', readReference, showTrace),
  adminForm(`${signInsPath}/:reference/links`, 'sign-ins:share', linkForm, submitLink),
  publicRoute(`${sharedTracesPath}/:code`, showSharedTrace),
]
