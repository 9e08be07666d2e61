<?php
$conf['title'] = 'Handbook';
$conf['savedir'] = getenv('WIKI_FOLDER') . '/data';
$conf['useacl'] = 1;
$conf['superuser'] = '@admin';
$conf['htmlok'] = 1;            // so that an author can write a frame into a page
$conf['license'] = 'cc-by-sa';
$conf['datadir'] = getenv('WIKI_FOLDER') . '/data/pages';
