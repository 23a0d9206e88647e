// The status page in Korean.

import type { Strings } from "./strings.ts";

export const KO: Strings = {
  tag: "ko",
  name: "한국어",
  listSeparator: ", ",
  overall: {
    none: "모든 시스템 정상",
    maintenance: "점검 중",
    minor: "일부 응답 성능 저하",
    major: "부분 장애",
    critical: "대규모 장애",
  },
  component: {
    operational: "정상",
    under_maintenance: "점검 중",
    degraded_performance: "성능 저하",
    partial_outage: "부분 장애",
    major_outage: "대규모 장애",
  },
  status: {
    investigating: "조사 중",
    identified: "원인 확인",
    monitoring: "모니터링 중",
    resolved: "해결됨",
  },
  impact: { none: "영향 없음", minor: "경미", major: "중대", critical: "심각" },
  maintenance: {
    scheduled: "예정",
    in_progress: "진행 중",
    completed: "완료",
    cancelled: "취소됨",
  },
  sentence: {
    investigating:
      "일부 요청이 평소보다 느리거나 실패하고 있습니다. 문제를 인지했으며 원인을 조사하고 있습니다.",
    identified:
      "일부 요청이 평소보다 느리거나 실패하고 있습니다. 저희가 적용한 변경과 함께 시작되었으며, 현재 변경을 되돌리고 있습니다.",
    monitoring:
      "일부 요청이 평소보다 느리거나 실패했습니다. 원인은 해소되었고 모든 사용자에게 이전과 같이 서비스가 제공되고 있습니다. 상태가 유지되는지 지켜보고 있습니다.",
    resolved:
      "마지막 업데이트 이후 서비스가 정상적으로 제공되고 있습니다. 이 장애는 종료되었습니다.",
  },
  incidentTitle: (components) => `${components}: 응답 지연 또는 실패`,
  measure: {
    "roll-back": "모든 사용자에 대해 변경을 되돌렸습니다.",
    "step-back": "대부분의 사용자에 대해 변경을 되돌렸습니다.",
    trip: "서버가 스스로 새 버전 사용을 중단했고, 변경을 되돌렸습니다.",
    page: "자동으로 변경된 것은 없으며, 엔지니어를 호출했습니다.",
    observed: "모니터링에서 감지하여 엔지니어에게 알렸습니다.",
  },
  change: (model, from, to) => `${model}: ${from}에서 ${to}(으)로 전환하던 중이었습니다.`,
  components: "구성 요소",
  currentIncidents: "진행 중인 장애",
  plannedMaintenance: "점검",
  pastIncidents: "지난 장애",
  noIncidents: "보고된 장애가 없습니다.",
  history: "기록",
  backToStatus: "현재 상태",
  cause: "원인",
  updates: "업데이트",
  affects: "영향 범위",
  began: "시작",
  detected: "감지",
  firstPosted: "최초 공지",
  resolved: "해결",
  ongoing: "진행 중",
  estimate: (low, high) => `${low}에서 ${high} 사이에 복구될 것으로 예상합니다.`,
  estimateBasis: (samples) => `최근 복구 ${samples}건을 근거로 합니다.`,
  estimateEarly: (samples) => `초기 추정치: 이전 복구 ${samples}건만을 근거로 합니다.`,
  estimateManual: "엔지니어의 추정입니다.",
  estimateExceeded: (high) =>
    `예상보다 오래 걸리고 있습니다. 당초 ${high}까지 복구될 것으로 예상했습니다.`,
  nextUpdate: (by) => `다음 업데이트: ${by}까지.`,
  nextUpdateOverdue: (by) => `다음 업데이트 예정 시각(${by})이 지났으나 아직 게시되지 않았습니다.`,
  lastChanged: "마지막 변경",
  stale: "이 페이지의 정보가 최신이 아닐 수 있습니다. 한동안 시스템에서 소식이 오지 않았습니다.",
  staleSince: "마지막 수신:",
  notice: "공지",
  subscribe: "구독",
  contact: "문의",
  languages: "언어",
  skip: "본문으로 건너뛰기",
};
