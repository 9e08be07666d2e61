<?php
// Where this copy keeps its settings; Debian's package looks under /etc otherwise.
define('DOKU_CONF', getenv('WIKI_FOLDER') . '/conf/');
define('DOKU_MAIN_CONF', DOKU_CONF);
