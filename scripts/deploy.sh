#!/usr/bin/env bash
# What `make deploy-infra`, `deploy`, `deploy-test`, `show-logs` and `destroy` do: deploy.sh COMMAND.
set -euo pipefail
cd "$(dirname "$0")/.."
PY=${PY:-.venv/bin/python}

fail() {
  echo "make: $1" >&2
  exit 1
}

need() { # need COMMAND WHAT-IT-IS
  command -v "$1" >/dev/null || fail "'$1' ($2) is not on the PATH"
}

signed_in() {
  need az "Azure CLI"
  az account show --output none 2>/dev/null || fail "not signed in to Azure; run 'az login'"
}

output() { # output NAME: of the deployment of this environment
  az deployment sub show --name "$AZURE_ENV_NAME" --query "properties.outputs.$1.value" --output tsv 2>/dev/null ||
    fail "there is no deployment '$AZURE_ENV_NAME'; run 'make deploy-infra'"
}

configured() {
  local exports
  exports=$("$PY" scripts/app_settings.py --export) || exit 1
  eval "$exports"
  export AZURE_ENV_NAME=${AZURE_ENV_NAME:-aoai-simulator}
}

infra() {
  configured
  [ -n "${SIMULATOR_API_KEY:-}" ] || fail "SIMULATOR_API_KEY is not set; put the key that clients shall send into .env"
  [ -n "${AZURE_LOCATION:-}" ] || fail "AZURE_LOCATION is not set; name an Azure region, as in AZURE_LOCATION=eastus2"
  signed_in
  if [ -z "${AZURE_PRINCIPAL_ID:-}" ]; then
    # Whoever deploys may browse the recordings. A service principal that deploys names somebody itself.
    AZURE_PRINCIPAL_ID=$(az ad signed-in-user show --query id --output tsv 2>/dev/null || true)
    export AZURE_PRINCIPAL_ID
  fi
  local refusal
  { refusal=$(az deployment sub create --name "$AZURE_ENV_NAME" --location "$AZURE_LOCATION" \
    --parameters infra/main.bicepparam --query 'properties.outputs.*.value' --output tsv 2>&1 >&3) && return; } 3>&1
  echo "$refusal" >&2
  refuses_maximum "$refusal"
  exit 1
}

refuses_maximum() { # refuses_maximum REFUSAL: what to do where the region refuses the maximum of instances
  # As reported in 2026-01: "InvalidMaximumInstanceCount - The specified value of maximumInstanceCount () is not
  # allowed, the allowed value range is [1, 1000]." The range is taken from there, if it is given.
  local words=${1//[[:space:]_]/} lowest=40
  shopt -s nocasematch
  [[ $words =~ maximum-?instances?-?count|maximumnumberofinstances ]] || return 0
  if [[ $words =~ (range|between|from)(is|of|:)*[^0-9]{0,2}([0-9]+)(,|-|\.\.|to|and)[0-9]+ ]]; then
    lowest=${BASH_REMATCH[3]}
  fi
  [ "$lowest" -gt 1 ] || return 0
  if [[ ${DEPLOY_REDIS:-false} == true ]]; then
    fail "this region refuses so low a maximum of instances; set DEPLOY_MAXIMUM_INSTANCES_WITH_REDIS=$lowest, or take another region"
  fi
  fail "this region refuses so low a maximum of instances; set DEPLOY_MAXIMUM_INSTANCES=$lowest (each instance then has its share of the limits), or DEPLOY_REDIS=true with DEPLOY_MAXIMUM_INSTANCES_WITH_REDIS=$lowest, or take another region"
}

app() {
  configured
  local network=${NETWORK:-unrestricted}
  [ "$network" = unrestricted ] || [ -f dist/package.zip ] ||
    fail "there is no dist/package.zip; run 'make package NETWORK=$network'"
  signed_in
  local name group plan
  name=$(output FUNCTION_APP_NAME)
  group=$(output AZURE_RESOURCE_GROUP)
  plan=$(output PLAN)
  if [ "$plan" = premium ]; then
    to_premium "$network" "$name" "$group"
  elif [ "$network" = unrestricted ]; then
    need func "Azure Functions Core Tools"
    func azure functionapp publish "$name" --python --build remote
  else
    az functionapp deployment source config-zip --resource-group "$group" --name "$name" --src dist/package.zip
  fi
}

to_premium() { # to_premium NETWORK NAME GROUP: the package into the blob that the app runs from
  # Core Tools would take the address of that blob out of the app settings, or ask for a key of the storage.
  local url id
  url=$(output PACKAGE_URL)
  [ "$1" != unrestricted ] || "$PY" scripts/package.py
  az storage blob upload --auth-mode login --blob-url "$url" --file dist/package.zip --overwrite --output none
  # Both are needed where a package of the same name has changed.
  az functionapp restart --resource-group "$3" --name "$2"
  id=$(az functionapp show --resource-group "$3" --name "$2" --query id --output tsv)
  az rest --method post --url "$id/syncfunctiontriggers?api-version=2016-08-01" --output none
}

check() {
  configured
  if [ -z "${TEST_OPENAI_ENDPOINT:-}" ]; then
    signed_in
    TEST_OPENAI_ENDPOINT=$(output SIMULATOR_URL)
    export TEST_OPENAI_ENDPOINT
  fi
  "$PY" scripts/deploy_test.py
}

logs() {
  configured
  need func "Azure Functions Core Tools"
  signed_in
  func azure functionapp logstream "$(output FUNCTION_APP_NAME)"
}

destroy() {
  configured
  signed_in
  local group vault answer
  group=$(output AZURE_RESOURCE_GROUP)
  vault=$(output KEY_VAULT_NAME)
  read -r -p "Delete the resource group '$group' with all recordings in it? Its name, to confirm: " answer
  [ "$answer" = "$group" ] || fail "nothing deleted"
  az group delete --name "$group" --yes
  # Its name would stay taken for a week, as it does where DEPLOY_VAULT_PURGE_PROTECTION forbids this.
  az keyvault purge --name "$vault" || echo "make: the name '$vault' stays taken for seven days" >&2
  az deployment sub delete --name "$AZURE_ENV_NAME"
}

case "${1:-}" in
  infra | app | check | logs | destroy) "$1" ;;
  *) fail "deploy.sh: one of infra, app, check, logs, destroy" ;;
esac
