/** The pages of connections in Chromium. */
import { connectionPages } from '../support/pages/connection-samples.ts'
import { describeLooks } from '../support/pages/page-looks.ts'

describeLooks({ samples: connectionPages, form: 'connection-failing' })
