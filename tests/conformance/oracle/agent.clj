;; Clojure as the oracle: plays the steps of the conformance cases upon its own atom, promise and delay. Steps come one a line as EDN
;; maps, answers go out as JSON. Values are the texts of the wire, interned: compare-and-set! of Clojure compares identities.
(require '[clojure.edn :as edn] '[clojure.string :as string])

(def things (atom {}))   ; [kind name] -> what steps call by name
(def by-key (atom {}))   ; [kind key] -> the reference that stands for what a server holds

(defn fault [& words] (throw (ex-info (apply str words) {::fault true})))
(defn failure [status message & {:as more}] (throw (ex-info message (merge {::status status} more))))

(defn thing [kind step field]
  (let [name (or (step field) (fault "field '" field "' is missing"))]
    (cond
      (not (string? name)) name ; found before, by with-things
      :else (or (@things [kind name]) (fault "no " kind " '" name "'")))))
(defn keep-thing [kind name what]
  (when (@things [kind name]) (fault "the " kind " '" name "' is there already"))
  (swap! things assoc [kind name] what)
  what)

(defn text [step field] (or (step field) (fault "field '" field "' is missing")))
(defn value-of [step field] (.intern ^String (text step field)))
(defn size-of [wire] (- (count wire) (* 2 (count (filter #{\%} wire)))))

;; ---- the functions that cases name

(defn function [step set-other]
  (let [argument (step "argument" "")
        first-call (atom true)
        other (when (step "meanwhile_atom") (thing "atom" {"atom" (step "meanwhile_atom")} "atom"))]
    (fn [calls old]
      (swap! calls inc)
      (when (and other (compare-and-set! first-call true false)) (set-other other (value-of step "meanwhile_value")))
      (.intern ^String
               (case (step "function")
                 "inc" (str (inc (Long/parseLong old)))
                 "append" (str old argument)
                 "keep" old
                 "set" argument
                 "fail" (failure "EFUNCTION" (step "message" ""))
                 (fault "no function '" (step "function") "'"))))))

(defn validator [step]
  (when-let [does (step "validator")]
    (let [argument (step "argument" "")]
      (fn [proposed]
        (case does
          "accept" true
          "refuse" false
          "refuse_value" (not= proposed argument)
          "at_most" (<= (size-of proposed) (Long/parseLong argument))
          "fail" (failure "EVALIDATION" (step "message" ""))
          (fault "no validator '" does "'"))))))

;; ---- atoms

(defn the-atom [step] (thing "atom" step "atom"))

(defn create-atom [step]
  (let [key [:atom (text step "key")]
        there (@by-key key)
        made (or there (atom (value-of step "value") :validator (validator step)))]
    (swap! by-key assoc key made)
    (keep-thing "atom" (step "atom") made)
    {"created" (nil? there)}))

(defn open-atom [step]
  (if-let [there (@by-key [:atom (text step "key")])]
    (do (keep-thing "atom" (step "atom") there)
        (when (step "validator") (set-validator! there (validator step)))
        {})
    (failure "ENOTFOUND" "no such atom")))

(defn swap-atom [step change result]
  (let [calls (atom 0)
        f (function step reset!)]
    (assoc (result (change (the-atom step) (partial f calls))) "calls" @calls)))

(defn alter-metadata [step]
  (let [calls (atom 0)
        f (function step (fn [a v] (reset-meta! a {:bytes v})))]
    {"value" (:bytes (alter-meta! (the-atom step) (fn [m] {:bytes (f calls (or (:bytes m) ""))})))
     "calls" @calls}))

(defn the-log [name]
  (or (@things ["log" name]) (keep-thing "log" name (atom []))))

(defn watch-atom [step]
  (let [log (the-log (text step "log"))
        a (the-atom step)]
    (add-watch a (text step "watch")
               (fn [key a old new]
                 (locking log
                   (swap! log conj {"watch" key "old" old "new" new})
                   (.notifyAll ^Object log))
                 (case (step "does" "record")
                   "record" nil
                   "remove" (remove-watch a key))))
    {"value" @a}))

(defn wait-until [^Object monitor ms done?]
  (let [deadline (+ (System/nanoTime) (* 1000000 ms))]
    (locking monitor
      (loop []
        (let [left (quot (- deadline (System/nanoTime)) 1000000)]
          (when (and (not (done?)) (pos? left))
            (.wait monitor left)
            (recur)))))))

(defn read-log [step]
  (let [log (thing "log" step "log")]
    (wait-until log (step "timeout" 0) #(>= (count @log) (step "count")))
    {"events" @log}))

;; ---- promises and delays

(defn open-once [kind step make]
  (let [key [kind (text step "key")]
        there (@by-key key)
        made (or there (make))]
    (swap! by-key assoc key made)
    (keep-thing kind (step kind) made)
    {"created" (nil? there)}))

(defn deref-for [reference step]
  (let [ms (step "timeout" -1)
        got (if (neg? ms) @reference (deref reference ms ::nothing))]
    (if (= got ::nothing) (failure "ETIMEOUT" "it did not come in time") got)))

(defn deliver-promise [step]
  (let [p (thing "promise" step "promise")
        delivered (some? (deliver p (value-of step "value")))]
    {"delivered" delivered "value" @p}))

(defn body [step]
  (let [self {:calls (atom 0) :end (promise)}
        run (fn []
              (locking (:calls self)
                (swap! (:calls self) inc)
                (.notifyAll ^Object (:calls self)))
              (case (step "body")
                "give" (value-of step "value")
                "wait" (do @(:end self) (value-of step "value"))
                "fail" (failure "EBODY" (step "message" "") "kind" (step "kind" "") "payload" (step "payload" ""))
                (fault "no body '" (step "body") "'")))]
    (assoc self :delay (delay (run)))))

(defn body-began [step]
  (let [{:keys [calls]} (thing "body" step "delay")]
    (wait-until calls (step "timeout" 0) #(>= @calls (step "calls")))
    {"calls" @calls}))

;; ---- the steps

(declare play)

(def players
  {"hello" (fn [_] {"language" "clojure"})
   "case.end" (fn [_]
                (doseq [[[kind _] what] @things :when (= kind "body")] (deliver (:end what) true))
                (reset! things {})
                (reset! by-key {})
                {})
   "atom.create" create-atom
   "atom.open" open-atom
   "atom.deref" (fn [step] {"value" @(the-atom step)})
   "atom.reset" (fn [step] {"value" (reset! (the-atom step) (value-of step "value"))})
   "atom.reset_vals" (fn [step] (let [[old new] (reset-vals! (the-atom step) (value-of step "value"))] {"old" old "value" new}))
   "atom.compare_and_set" (fn [step]
                            (let [a (the-atom step)
                                  swapped (compare-and-set! a (value-of step "expected") (value-of step "value"))]
                              {"swapped" swapped "value" @a}))
   "atom.swap" (fn [step] (swap-atom step swap! (fn [new] {"value" new})))
   "atom.swap_vals" (fn [step] (swap-atom step swap-vals! (fn [[old new]] {"old" old "value" new})))
   "atom.set_validator" (fn [step] (set-validator! (the-atom step) (validator step)) {})
   "atom.add_watch" watch-atom
   "atom.remove_watch" (fn [step] (remove-watch (the-atom step) (text step "watch")) {})
   "atom.meta" (fn [step] {"value" (or (:bytes (meta (the-atom step))) "")})
   "atom.reset_meta" (fn [step] (reset-meta! (the-atom step) {:bytes (value-of step "value")}) {})
   "atom.alter_meta" alter-metadata
   "atom.release" (fn [step] (the-atom step) (swap! things dissoc ["atom" (step "atom")]) {})
   "log.read" read-log
   "promise.open" (fn [step] (open-once "promise" step promise))
   "promise.deliver" deliver-promise
   "promise.deref" (fn [step] {"value" (deref-for (thing "promise" step "promise") step)})
   "promise.realized" (fn [step] {"realized" (realized? (thing "promise" step "promise"))})
   "promise.release" (fn [step] (thing "promise" step "promise") (swap! things dissoc ["promise" (step "promise")]) {})
   "delay.open" (fn [step] (open-once "delay" step #(:delay (keep-thing "body" (step "delay") (body step)))))
   "delay.deref" (fn [step] {"value" @(thing "delay" step "delay")})
   "delay.realized" (fn [step] {"realized" (realized? (thing "delay" step "delay"))})
   "delay.release" (fn [step] (thing "delay" step "delay") (swap! things dissoc ["delay" (step "delay")]) {})
   "body.calls" (fn [step] {"calls" @(:calls (thing "body" step "delay"))})
   "body.began" body-began
   "body.end" (fn [step] (deliver (:end (thing "body" step "delay")) true) {})
   "future.get" (fn [step] (deref-for (thing "future" step "future") step))
   "future.done" (fn [step] {"done" (future-done? (thing "future" step "future"))})})

(def known-fields
  #{"op" "atom" "promise" "delay" "future" "key" "value" "expected" "function" "argument" "message" "meanwhile_atom"
    "meanwhile_value" "validator" "watch" "log" "does" "count" "timeout" "body" "kind" "payload" "calls"})

;; The step with what it names in place of the names: a release that comes later does not take them away.
(defn with-things [step]
  (reduce (fn [found kind] (if (found kind) (assoc found kind (thing kind found kind)) found)) step ["atom" "promise" "delay"]))

(defn play-as-future [step]
  (let [found (with-things (dissoc step "future"))]
    (future (if (= (step "op") "atom.swap")
              ((players "atom.swap_vals") found)
              ((players (step "op")) found)))))

(defn play [step]
  (doseq [field (keys step) :when (not (known-fields field))] (fault "unknown field '" field "'"))
  (let [player (or (players (step "op")) (fault "unknown step '" (step "op") "'"))]
    (if (and (step "future") (not (string/starts-with? (step "op") "future.")))
      (do (keep-thing "future" (step "future") (play-as-future step))
          {})
      (player step))))

;; What a validator threw comes out as it is; what it refused, as IllegalStateException.
(defn answer [step]
  (try
    {"ok" (play step)}
    (catch Throwable thrown
      (let [cause (if (instance? java.util.concurrent.ExecutionException thrown) (.getCause thrown) thrown)
            {::keys [status fault] :as data} (ex-data cause)]
        (cond
          fault {"fault" (ex-message cause)}
          status {"error" (merge {"status" status "message" (ex-message cause)} (select-keys data ["kind" "payload"]))}
          (instance? IllegalStateException cause) {"error" {"status" "EVALIDATION" "message" (ex-message cause)}}
          :else {"fault" (str cause)})))))

(defn json [what]
  (cond
    (map? what) (str "{" (string/join "," (for [[k v] what :when (some? v)] (str (json k) ":" (json v)))) "}")
    (sequential? what) (str "[" (string/join "," (map json what)) "]")
    (string? what) (str \" (string/escape what {\" "\\\"" \\ "\\\\" \newline "\\n" \tab "\\t"}) \")
    :else (str what)))

(doseq [line (line-seq (java.io.BufferedReader. *in*))]
  (println (json (answer (edn/read-string line))))
  (flush))
(System/exit 0)
