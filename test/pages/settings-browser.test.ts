/** Developer settings in Chromium. */
import { describeLooks } from '../support/pages/page-looks.ts'
import { settingsPages } from '../support/pages/settings-samples.ts'

describeLooks({ samples: settingsPages, form: 'settings-refused' })
