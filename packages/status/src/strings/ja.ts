// The status page in Japanese.

import type { Strings } from "./strings.ts";

export const JA: Strings = {
  tag: "ja",
  name: "日本語",
  listSeparator: "、",
  overall: {
    none: "すべてのシステムが正常です",
    maintenance: "メンテナンス中",
    minor: "一部の応答が低下しています",
    major: "一部で障害が発生しています",
    critical: "大規模な障害が発生しています",
  },
  component: {
    operational: "正常",
    under_maintenance: "メンテナンス中",
    degraded_performance: "性能低下",
    partial_outage: "一部障害",
    major_outage: "大規模障害",
  },
  status: {
    investigating: "調査中",
    identified: "原因特定",
    monitoring: "経過観察中",
    resolved: "解決済み",
  },
  impact: { none: "影響なし", minor: "軽微", major: "重大", critical: "深刻" },
  maintenance: {
    scheduled: "予定",
    in_progress: "実施中",
    completed: "完了",
    cancelled: "中止",
  },
  sentence: {
    investigating:
      "一部のリクエストで応答の遅延または失敗が発生しています。事象を把握し、原因を調査しています。",
    identified:
      "一部のリクエストで応答の遅延または失敗が発生しています。当社が行った変更に伴って始まったもので、現在その変更を取り消しています。",
    monitoring:
      "一部のリクエストで応答の遅延または失敗が発生しました。原因は解消され、すべての利用者に従来どおり提供しています。引き続き経過を確認しています。",
    resolved: "前回の更新以降、サービスは通常どおり提供されています。この障害は終了しました。",
  },
  incidentTitle: (components) => `${components}：応答の遅延または失敗`,
  measure: {
    "roll-back": "すべての利用者に対して変更を取り消しました。",
    "step-back": "大半の利用者に対して変更を取り消しました。",
    trip: "サーバーが自動的に新しいバージョンの使用を止め、変更を取り消しました。",
    page: "自動的な変更は行わず、エンジニアを呼び出しました。",
    observed: "監視で検知し、エンジニアに通知しました。",
  },
  change: (model, from, to) => `${model} を ${from} から ${to} へ移行している途中でした。`,
  components: "コンポーネント",
  currentIncidents: "発生中の障害",
  plannedMaintenance: "メンテナンス",
  pastIncidents: "過去の障害",
  noIncidents: "報告された障害はありません。",
  history: "履歴",
  backToStatus: "現在の状況",
  cause: "原因",
  updates: "更新",
  affects: "影響範囲",
  began: "発生",
  detected: "検知",
  firstPosted: "最初の掲載",
  resolved: "解決",
  ongoing: "継続中",
  estimate: (low, high) => `${low} から ${high} の間に復旧する見込みです。`,
  estimateBasis: (samples) => `直近 ${samples} 件の復旧に基づきます。`,
  estimateEarly: (samples) => `初期の見積もり：過去の復旧 ${samples} 件のみに基づきます。`,
  estimateManual: "エンジニアによる見積もりです。",
  estimateExceeded: (high) =>
    `想定より時間がかかっています。当初は ${high} までに復旧する見込みでした。`,
  nextUpdate: (by) => `次の更新：${by} まで。`,
  nextUpdateOverdue: (by) => `次の更新は ${by} までの予定でしたが、まだ行われていません。`,
  lastChanged: "最終変更",
  stale:
    "このページの情報は最新ではない可能性があります。しばらくの間、システムから情報が届いていません。",
  staleSince: "最後に受信した時刻：",
  notice: "お知らせ",
  subscribe: "購読",
  contact: "お問い合わせ",
  languages: "言語",
  skip: "本文へ移動",
};
