import { verifyCommands } from './commands.ts';
import { explainInPortuguese } from './pt-br-problems.ts';
import { explainRowInPortuguese } from './pt-br-restore-test.ts';
import type { MessageWords } from './words.ts';

export const portugueseMessages: MessageWords = {
  locale: 'pt-BR',
  intl: 'pt-BR',
  title: {
    failed: (database) => `${database}: o backup falhou`,
    'still-failing': (database) => `${database}: os backups continuam falhando`,
    guard: (database) => `${database}: backup recusado pela proteção`,
    late: (database) => `${database}: backup atrasado`,
    missing: (database) => `${database}: nenhum backup`,
    'copy-failing': (database) => `${database}: a cópia do backup falhou`,
    'hook-failing': (database) => `${database}: o comando depois do backup falhou`,
    'space-low': (database) => `${database}: pouco espaço livre`,
    'watch-alarm': (database) => `${database}: o monitoramento encontrou um problema`,
    recovered: (database) => `${database}: problema resolvido`,
    digest: (databases) => `${databases} com problemas`,
    'digest-recovered': (databases) => `${databases}: problemas resolvidos`,
    'restore-test-passed': () => 'Teste de restauração aprovado',
    'restore-test-failed': () => 'Teste de restauração reprovado',
    sample: () => 'Esta é uma notificação de teste',
  },
  lead: {
    failed: 'A última execução não gerou backup.',
    'still-failing':
      'Os backups falham desde o primeiro aviso. Não haverá backup novo até o problema ser corrigido.',
    guard:
      'O banco de dados perdeu boa parte do conteúdo desde o último backup; por isso, o Lifeboat recusou o novo. O último backup bom continua sendo o mais recente.',
    late: 'Um backup agendado não rodou no horário previsto.',
    missing: 'Este banco de dados está no lifeboat.yaml, mas não tem nenhum backup verificado.',
    'copy-failing': 'O backup foi feito e verificado, mas uma das cópias falhou.',
    'hook-failing': 'O comando em `hooks.after` falhou.',
    'space-low':
      'Os backups ainda funcionam, mas o espaço livre está abaixo da reserva configurada.',
    'watch-alarm': 'Uma verificação encontrou um problema nos backups ou na configuração deles.',
    recovered: 'O problema avisado anteriormente foi resolvido.',
    digest: 'Agrupados por causa, começando pela mais urgente.',
    'digest-recovered': 'Os problemas avisados anteriormente foram resolvidos.',
    'restore-test-passed':
      'O Lifeboat restaurou os backups em um local temporário e isolado, e os conferiu.',
    'restore-test-failed':
      'O Lifeboat restaurou os backups em um local temporário e isolado, e os conferiu. Alguns não passaram.',
    sample: 'Se você está lendo isto, o canal funciona. Nada falhou e não há nada a fazer.',
  },
  failedLead: (code) =>
    code === 'backup_damaged' || code === 'backup_forged'
      ? 'A última execução não gerou backup porque um backup armazenado está danificado. Confie apenas no último backup bom indicado abaixo.'
      : code.startsWith('store_')
        ? 'A última execução não gerou backup porque o Lifeboat não conseguiu usar o destino dos backups.'
        : 'A última execução não gerou backup. Os backups anteriores não foram afetados.',
  hookLead: {
    made: 'O comando em `hooks.after` falhou. O backup em si foi feito.',
    failed: 'O comando em `hooks.after` falhou. Ele rodou depois de um backup que tinha falhado.',
    unknown: 'O comando em `hooks.after` falhou.',
  },
  alarm: {
    bucket: {
      title: (store) => `${store}: uma configuração do bucket põe os backups em risco`,
      lead: 'Uma configuração do bucket não é a que os backups exigem. Dependendo dela, os backups podem ser excluídos antes da hora, nunca expirar ou perder a proteção.',
    },
    configuration: {
      title: () => 'Nenhum banco de dados configurado',
      lead: 'O lifeboat.yaml não tem nenhum banco de dados; por isso, nada é copiado nem monitorado.',
    },
    holds: {
      title: (database) => `${database}: a proteção dos backups mudou`,
      lead: 'O Lifeboat protege os dois backups mais recentes para que nunca expirem e libera os mais antigos. A proteção no destino está diferente.',
    },
    clock: {
      title: (database) => `${database}: o último backup tem data no futuro`,
      lead: 'Um relógio estava errado quando ele foi feito, ou está errado agora. O Lifeboat mantém esse backup, e você pode restaurá-lo pelo ID, mas um anterior conta como o mais recente.',
    },
    inspection: {
      title: (database) => `${database}: o último backup só pôde ser verificado em parte`,
      lead: 'O backup está armazenado, mas o Lifeboat não conseguiu comprovar que está íntegro.',
    },
    key: {
      title: (database) => `${database}: o monitoramento não reconhece backups forjados`,
      lead: 'Os backups são autenticados, mas o monitoramento não tem a LIFEBOAT_KEY. Sem ela, um backup forjado pode esconder que os verdadeiros estão atrasados ou faltam.',
    },
    objects: {
      title: (database) => `${database}: há um backup danificado`,
      lead: 'Arquivos de um backup sumiram ou mudaram no destino; por isso, ele não pode ser restaurado. Confie apenas no último backup bom indicado abaixo.',
    },
    other: {
      title: (database) => `${database}: o monitoramento encontrou um problema`,
      lead: 'Uma verificação encontrou um problema nos backups ou na configuração deles.',
    },
    place: {
      title: (database) => `${database}: o banco de dados não cabe mais onde os backups rodam`,
      lead: 'Os backups precisam de mais memória ou tempo do que têm no Google Cloud; por isso, o próximo pode falhar. Os backups existentes não foram afetados.',
    },
    'restore-test': {
      title: (database) => `${database}: o teste de restauração falhou`,
      lead: 'Um backup não passou no teste de restauração. Confie apenas no último backup bom indicado abaixo.',
    },
    'restore-test-overdue': {
      title: (database) => `${database}: o teste de restauração está atrasado`,
      lead: 'Não se conhece nenhum defeito, mas nenhum teste recente comprovou que os backups podem ser restaurados.',
    },
    run: {
      title: (database) => `${database}: uma execução não terminou`,
      lead: 'Uma execução começou e não deixou resultado. Os backups anteriores não foram afetados.',
    },
    salvage: {
      title: (database) => `${database}: o banco de dados não passa na inspeção`,
      lead: 'O Lifeboat guarda cópias de salvamento, mas só volta a fazer backup quando o banco de dados estiver íntegro.',
    },
    schedule: {
      title: (database) => `${database}: um agendamento não roda como configurado`,
      lead: 'Um job do Cloud Scheduler está pausado, ausente, falhando ou diferente; por isso, a próxima execução pode não começar. Os backups existentes não foram afetados.',
    },
    store: {
      title: (store) => `${store}: não foi possível verificar o destino dos backups`,
      lead: 'O monitoramento não conseguiu ler o destino; por isso, não sabe se os backups estão completos.',
    },
    unconfigured: {
      title: (store) => `${store}: um banco de dados não está mais configurado`,
      lead: 'Um banco de dados que tinha backups agendados não está mais no lifeboat.yaml. Os últimos backups são mantidos, mas não há novos.',
    },
  },
  resolved: (date) => `O problema avisado em ${date} foi resolvido.`,
  explain: explainInPortuguese,
  advice: {
    guard: ({ database, backup }) =>
      `Se a perda for intencional, execute \`lifeboat backup ${database} --accept\` uma vez. Se não for, restaure o último backup bom: \`lifeboat restore ${database}${backup === undefined ? '' : ` --at ${backup}`} --to ${database}.restored.sqlite3\`.`,
  },
  backUpNow: (command) => `Depois, faça um backup: ${command}`,
  goBack: (command) => `Para voltar ao último backup bom, restaure-o ao lado do banco: ${command}`,
  checkSchedule:
    "Na máquina que faz os backups, confira se o agendamento está ativo: `systemctl list-timers 'lifeboat*'` (timers de um usuário: `systemctl --user list-timers 'lifeboat*'`), `crontab -l`, `launchctl list | grep lifeboat`, ou se o `lifeboat serve` está em execução.",
  explainRow: explainRowInPortuguese,
  verifyFailed: (databases) => [
    'Descubra o que está danificado e faça um backup completo:',
    ...databases.flatMap(verifyCommands),
  ],
  label: {
    database: 'Banco de dados',
    databases: 'Bancos de dados',
    step: 'Etapa que falhou',
    check: 'Verificação',
    why: 'Motivo',
    code: 'Código',
    original: 'Mensagem de erro',
    at: 'Quando',
    since: 'Desde',
    failedSince: 'Falhava desde',
    lastGood: 'Último backup bom',
    run: 'Execução',
    whatToDo: 'O que fazer',
    nextTry: 'Próxima tentativa',
    machine: 'Máquina',
    store: 'Destino dos backups',
    details: 'Detalhes',
    openLog: 'Abrir o log desta execução',
    openPage: 'Abrir a página de status',
    howToRestore: 'Como restaurar (em inglês)',
    result: 'Resultado',
    backup: 'Backup',
    passed: 'aprovado',
    failed: 'reprovado',
    failedBefore: 'Falha anterior',
  },
  tone: { bad: 'Falha', warn: 'Atenção', good: 'Tudo certo', info: 'Teste' },
  noGoodBackup: 'nenhum',
  flapping:
    'O problema aparece e desaparece repetidamente. Novas recuperações só serão avisadas depois de um dia sem falhas.',
  ago: (duration) => `há ${duration}`,
  in: (duration) => `em ${duration}`,
  lessThanAMinute: 'menos de um minuto',
  tested: (passed, total) =>
    `${passed} de ${countInPortuguese(total)} ${total === 1 || passed === 1 ? 'passou' : 'passaram'} no teste.`,
  passed: (count, others) =>
    others
      ? count === 1
        ? 'O outro banco passou'
        : `Os outros ${count} bancos passaram`
      : `${countInPortuguese(count)} ${count === 1 ? 'passou' : 'passaram'}`,
  several: countInPortuguese,
  more: (count) => `e mais ${count}`,
  moreDatabases: (count) => `e mais ${countInPortuguese(count)}`,
  onHost: (title, host) => `${title} em ${host}`,
  placeholder: '<banco>',
  sentBy: (tool) => `Enviado por ${tool}`,
};

function countInPortuguese(count: number): string {
  return count === 1 ? '1 banco' : `${count} bancos`;
}
