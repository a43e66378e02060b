import type { Words } from './words.ts';

export const ptBr: Words = {
  locale: 'pt-BR',
  intl: 'pt-BR',
  title: {
    failed: (database) => `${database}: o backup falhou`,
    'still-failing': (database) => `${database}: os backups continuam falhando`,
    guard: (database) => `${database}: backup recusado pela proteção`,
    late: (database) => `${database}: backup atrasado`,
    missing: (database) => `${database}: nenhum backup`,
    'copy-failing': (database) => `${database}: a cópia do backup falhou`,
    'space-low': (database) => `${database}: pouco espaço livre`,
    'watch-alarm': (database) => `${database}: o monitoramento encontrou um problema`,
    recovered: (database) => `${database}: problema resolvido`,
    'restore-test-passed': () => 'Teste de restauração aprovado',
    'restore-test-failed': () => 'Teste de restauração reprovado',
    sample: () => 'Esta é uma notificação de teste',
  },
  lead: {
    failed: 'A última execução não gerou backup. Os backups anteriores estão intactos.',
    'still-failing':
      'Os backups falham desde o primeiro aviso. Não haverá backup novo até o problema ser corrigido.',
    guard:
      'O banco de dados perdeu boa parte do conteúdo desde o último backup; por isso, o Lifeboat recusou o novo. O último backup bom continua sendo o mais recente.',
    late: 'Um backup agendado não rodou no horário previsto.',
    missing:
      'Este banco de dados está no lifeboat.yaml, mas nunca teve um backup concluído com sucesso.',
    'copy-failing': 'O backup foi feito e verificado, mas uma das cópias falhou.',
    'space-low':
      'Os backups ainda funcionam, mas o espaço livre está abaixo da reserva configurada.',
    'watch-alarm':
      'Uma verificação encontrou um problema na configuração dos backups. Os backups existentes não foram afetados.',
    recovered: 'O problema avisado anteriormente foi resolvido.',
    'restore-test-passed':
      'O Lifeboat restaurou os backups em um local temporário e isolado e os conferiu.',
    'restore-test-failed':
      'O Lifeboat restaurou os backups em um local temporário e isolado e os conferiu. Alguns não passaram.',
    sample: 'Se você está lendo isto, o canal funciona. Nada falhou e não há nada a fazer.',
  },
  resolved: (date) => `O problema avisado em ${date} foi resolvido.`,
  advice: {
    guard: (database) =>
      `Se a perda é intencional, execute \`lifeboat backup ${database} --accept\` uma vez. Se não for, restaure o último backup bom.`,
    late: (database) =>
      `Confira se o agendamento não está pausado e se o servidor ou a função está em execução; depois, execute \`lifeboat backup ${database}\`.`,
    missing: (database) =>
      `Execute \`lifeboat backup ${database}\` e corrija o problema que ele informar.`,
    'restore-test-failed': () =>
      'Execute `lifeboat verify --read-data` em cada banco reprovado e, em seguida, faça um backup completo dele.',
  },
  label: {
    database: 'Banco de dados',
    step: 'Etapa que falhou',
    check: 'Verificação',
    why: 'Motivo',
    code: 'Código',
    at: 'Quando',
    since: 'Desde',
    failedSince: 'Falhava desde',
    lastGood: 'Último backup bom',
    run: 'Execução',
    whatToDo: 'O que fazer',
    openLog: 'Abrir o log desta execução',
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
  lessThanAMinute: 'menos de um minuto',
  tested: (passed, total) =>
    `${passed} de ${databases(total)} ${passed === 1 ? 'passou' : 'passaram'} no teste.`,
  more: (count) => `e mais ${databases(count)}`,
  sentBy: (tool) => `Enviado por ${tool}`,
};

function databases(count: number): string {
  return count === 1 ? '1 banco' : `${count} bancos`;
}
